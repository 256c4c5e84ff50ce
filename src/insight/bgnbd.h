// Private to the room: the parts of BG/NBD and MBG/NBD, and of Pareto/NBD, that lifetime.cc puts
// together.
#pragma once

#include "insight/lifetime.h"

namespace hospes::insight {

double bg_likelihood(const Lifetime& model, const Cells& cells, Vector<4>& gradient);
double bg_alive(const Lifetime& model, const Customer& customer);
double bg_mean(const Future& future, double weeks);
void bg_distribution(const Future& future, double weeks, std::vector<double>& out);

double pareto_likelihood(const Lifetime& model, const Cells& cells, Vector<4>& gradient);
double pareto_alive(const Lifetime& model, const Customer& customer);
double pareto_mean(const Future& future, double weeks);
void pareto_distribution(const Future& future, double weeks, std::vector<double>& out);

}  // namespace hospes::insight

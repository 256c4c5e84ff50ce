// The API's reference page, made from docs/openapi.json: one page without a script, so that it opens at once, prints, and is
// read by a screen reader from top to bottom.

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const methods = ["get", "post", "put", "patch", "delete", "options"];
const nameOf = (ref) => ref.split("/").pop();

/** Calls of the reference to another part of the document are followed once: parameters, answers, paths. */
function resolver(doc) {
  return function resolved(node) {
    while (node?.$ref) node = node.$ref.slice(2).split("/").reduce((at, part) => at[part.replaceAll("~1", "/")], doc);
    return node;
  };
}

/** A schema as one reads it: `text`, `one of "a", "b"`, `list of Segment`; named ones are links. */
function typeOf(schema) {
  if (schema === undefined || schema === true || Object.keys(schema).length === 0) return "anything";
  if (schema.$ref) return `<a href="#schema-${nameOf(schema.$ref)}">${nameOf(schema.$ref)}</a>`;
  if (schema.anyOf ?? schema.oneOf) return (schema.anyOf ?? schema.oneOf).map(typeOf).join(" or ");
  if (schema.allOf) return schema.allOf.map(typeOf).join(" and ");
  if (schema.const !== undefined) return `<code>${escape(JSON.stringify(schema.const))}</code>`;
  if (schema.enum) return schema.enum.map((one) => `<code>${escape(JSON.stringify(one))}</code>`).join(", ");
  const type = [schema.type ?? "object"].flat().join(" or ");
  if (type === "array") return `list of ${typeOf(schema.items)}`;
  if (type === "object" && schema.additionalProperties && typeof schema.additionalProperties === "object")
    return `object, each value ${typeOf(schema.additionalProperties)}`;
  const bounds = [
    schema.format, schema.minimum !== undefined && `from ${schema.minimum}`, schema.maximum !== undefined && `up to ${schema.maximum}`,
    schema.maxLength !== undefined && `at most ${schema.maxLength} long`, schema.default !== undefined && `else ${JSON.stringify(schema.default)}`,
  ].filter(Boolean);
  return escape(type) + (bounds.length ? ` <span class="note">(${escape(bounds.join(", "))})</span>` : "");
}

/** Whether there is more inside than `typeOf` says. */
const inner = (schema) => {
  const parts = [schema, ...(schema?.anyOf ?? schema?.oneOf ?? schema?.allOf ?? [])];
  for (const part of parts) {
    if (part?.properties) return part;
    if (part?.type === "array" && part.items && !part.items.$ref) return inner(part.items);
  }
  return null;
};

function outline(schema) {
  const whole = inner(schema);
  if (!whole) return "";
  const rows = Object.entries(whole.properties).map(([name, one]) => {
    const must = whole.required?.includes(name) ? "" : ' <span class="note">may be absent</span>';
    const why = one.description ? `<p class="why">${escape(one.description)}</p>` : "";
    return `<li><code>${escape(name)}</code> ${typeOf(one)}${must}${why}${outline(one)}</li>`;
  });
  return `<ul class="outline">${rows.join("")}</ul>`;
}

function content(of) {
  const said = Object.entries(of ?? {});
  const same = said.length > 1 && said.every(([, { schema }]) => JSON.stringify(schema) === JSON.stringify(said[0][1].schema));
  if (same) return `<p>${said.map(([type]) => `<code>${escape(type)}</code>`).join(", ")}: ${typeOf(said[0][1].schema)}</p>${outline(said[0][1].schema)}`;
  if (said.length === 1 && said[0][1].schema.type === "string") return ` <span class="note">${escape(said[0][0])}</span>`;
  return said.map(([type, { schema }]) => `<p><code>${escape(type)}</code>: ${typeOf(schema)}</p>${outline(schema)}`).join("");
}

function operation(resolved, { method, path, said, also }) {
  const given = (said.parameters ?? []).map(resolved);
  const rows = given.map((one) => `<tr><th scope="row"><code>${escape(one.name)}</code></th><td>${one.in}${one.required ? "" : ", may be absent"}</td>
    <td>${typeOf(one.schema)}</td><td>${escape(one.description ?? "")}</td></tr>`);
  const body = said.requestBody && resolved(said.requestBody);
  const answers = Object.entries(said.responses).map(([status, one]) => {
    const answer = resolved(one);
    return `<li><strong>${status}</strong> ${escape(answer.description)}${content(answer.content)}</li>`;
  });
  return `<section class="call" id="${said.operationId ?? `${method}-${path}`}">
<h3><span class="method ${method}">${method.toUpperCase()}</span> <code>${escape(path)}</code></h3>
<p>${escape(said.summary)}</p>${also.length ? `<p class="note">Also at ${also.map((one) => `<code>${escape(one)}</code>`).join(", ")}</p>` : ""}${said.description ? `<p>${escape(said.description)}</p>` : ""}
${rows.length ? `<div class="wide" tabindex="0"><table><thead><tr><th scope="col">Parameter</th><th scope="col">Where</th><th scope="col">What</th><th scope="col">Means</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>` : ""}
${body ? `<h4>It is sent</h4>${body.description ? `<p>${escape(body.description)}</p>` : ""}${content(body.content)}` : ""}
<h4>It answers</h4><ul class="answers">${answers.join("")}</ul>
</section>`;
}

/** `doc`: OpenAPI 3.1. The page refers to reference.css beside it. */
export function reference(doc) {
  const resolved = resolver(doc);
  const paths = Object.entries(doc.paths);
  const others = (path) => paths.filter(([, item]) => item.$ref && item.$ref.slice("#/paths/".length).replaceAll("~1", "/") === path).map(([other]) => other);
  const calls = paths.filter(([, item]) => !item.$ref).flatMap(([path, item]) =>
    methods.filter((method) => item[method]).map((method) => ({ method, path, said: resolved(item[method]), also: others(path) })));
  const groups = doc.tags.map((tag) => ({ ...tag, calls: calls.filter((one) => one.said.tags[0] === tag.name && one.method !== "options") }));
  const link = ({ method, path, said }) => `<li><a href="#${said.operationId ?? `${method}-${path}`}"><span class="method ${method}">${method.toUpperCase()}</span> ${escape(path)}</a></li>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(doc.info.title)} ${escape(doc.info.version)}: the API</title>
<link rel="stylesheet" href="/reference.css"></head><body>
<nav aria-label="Calls">${groups.map((group) => `<h2><a href="#${group.name}">${escape(group.name)}</a></h2><ul>${group.calls.map(link).join("")}</ul>`).join("")}
<h2><a href="#schemas">schemas</a></h2></nav>
<main><h1>${escape(doc.info.title)} ${escape(doc.info.version)}: the API</h1>
<p class="lead">${escape(doc.info.summary)} ${escape(doc.info.description)}</p>
<p>${doc.servers.map((one) => `<code>${escape(one.url)}</code> ${escape(one.description)}`).join(" · ")} · <a href="/openapi.json">openapi.json</a></p>
${groups.map((group) => `<section id="${group.name}"><h2>${escape(group.name)}</h2><p>${escape(group.description ?? "")}</p>${group.calls.map((one) => operation(resolved, one)).join("\n")}</section>`).join("\n")}
<section id="schemas"><h2>schemas</h2>
${Object.entries(doc.components.schemas).map(([name, one]) => `<section class="call" id="schema-${name}"><h3><code>${name}</code></h3>${one.description ? `<p>${escape(one.description)}</p>` : ""}${inner(one) ? outline(one) : `<p>${typeOf(one)}</p>`}</section>`).join("\n")}
</section></main></body></html>
`;
}

/** Beside tokens.css and base.css of the console. */
export const style = `
body { display: grid; grid-template-columns: 300px minmax(0, 1fr); align-items: start; margin: 0; }
nav { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; padding: var(--s4); background: var(--sunken); box-sizing: border-box; min-height: 100vh; }
nav h2 { font: var(--strong); margin: var(--s3) 0 var(--s1); }
nav li a { display: block; padding: 2px 0; overflow-wrap: anywhere; }
nav ul, .answers { list-style: none; padding: 0; margin: 0; }
main { padding: var(--s5); max-width: 96ch; }
h1 { font: var(--title); }
main h2 { font: var(--title); margin-top: var(--s6); }
h3 { font: var(--strong); margin: 0 0 var(--s2); overflow-wrap: anywhere; }
h4 { font: var(--strong); margin: var(--s3) 0 var(--s1); color: var(--ink2); }
.call { border-top: 1px solid var(--line); padding: var(--s4) 0; scroll-margin-top: var(--s2); }
.call:target { background: var(--soft); }
.method { display: inline-block; min-width: 6ch; font: var(--note); font-weight: 600; color: var(--accent); }
.method.delete { color: var(--refused); }
.outline { margin: var(--s1) 0 var(--s1) var(--s3); padding-inline-start: var(--s3); border-inline-start: 1px solid var(--line); list-style: none; }
.outline li, .answers > li { padding: 2px 0; }
.why { color: var(--ink2); margin: 0; }
table { border-collapse: collapse; }
th, td { text-align: start; padding: 2px var(--s3) 2px 0; vertical-align: top; font-weight: 400; }
thead th { color: var(--ink2); }
.wide { overflow-x: auto; }
@media (max-width: 799px) { body { display: block; } nav { position: static; max-height: none; min-height: 0; } main { padding: var(--s4); } }
@media print { nav { display: none; } body { display: block; } }
`;

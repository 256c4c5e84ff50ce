// Random TC and GPP strings, made by the IAB's own libraries and read by `hospes signal`, and back.
// usage: node oracle_test.mjs HOSPES [seed]
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import assert from "node:assert/strict";

const require = createRequire(import.meta.url);
const { GVL, PurposeRestriction, TCModel, TCString } = require("@iabtechlabtcf/core");
const { GppModel } = require("@iabgpp/cmpapi");

const [hospes, given] = process.argv.slice(2);
const seed = Number(given ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed}`);

let state = seed;
function below(n) {
  // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
}
const some = (last, percent) => Array.from({ length: last }, (_, i) => i + 1).filter(() => below(100) < percent);
const letter = () => String.fromCharCode(65 + below(26));

const byId = (last, make) => Object.fromEntries(Array.from({ length: last }, (_, i) => [i + 1, make(i + 1)]));
const named = (id) => ({ id, name: `n${id}`, description: "", illustrations: [] });
// Every vendor may rest on consent and on interest for all, so that nothing is left out when it is encoded.
const vendor = (id) => ({
  id, name: `v${id}`, purposes: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], legIntPurposes: [2, 7, 8, 9, 10, 11], flexiblePurposes: [2, 7, 8, 9, 10, 11],
  specialPurposes: [1], features: [1], specialFeatures: [1, 2], usesCookies: true, cookieMaxAgeSeconds: 1, cookieRefresh: false, usesNonCookieAccess: false, urls: [],
});
const list = {
  gvlSpecificationVersion: 3, vendorListVersion: 99, tcfPolicyVersion: 5, lastUpdated: "2026-11-01T00:00:00Z",
  purposes: byId(11, named), specialPurposes: byId(3, named), features: byId(3, named), specialFeatures: byId(2, named), stacks: {}, dataCategories: {},
  vendors: byId(900, vendor),
};

function randomModel() {
  const model = new TCModel(new GVL(list));
  model.cmpId = 2 + below(4000);
  model.cmpVersion = 1 + below(4000);
  model.consentScreen = below(60);
  model.publisherCountryCode = letter() + letter();
  model.isServiceSpecific = below(10) > 0;
  model.useNonStandardTexts = below(2) === 0;
  model.purposeOneTreatment = below(2) === 0;
  model.purposeConsents.set(some(11, 50));
  model.purposeLegitimateInterests.set(some(11, 30).filter((n) => n === 2 || n >= 7));
  model.specialFeatureOptins.set(some(2, 50));
  const last = [0, 1, 20, 300, 900][below(5)];
  const percent = [2, 50, 97][below(3)];
  model.vendorConsents.set(some(last, percent));
  model.vendorLegitimateInterests.set(some(last, percent));
  model.vendorsDisclosed.set(some(last, percent));
  model.publisherConsents.set(some(11, 50));
  model.publisherLegitimateInterests.set(some(11, 50));
  model.numCustomPurposes = below(8);
  model.publisherCustomConsents.set(some(model.numCustomPurposes, 50));
  model.publisherCustomLegitimateInterests.set(some(model.numCustomPurposes, 50));
  for (let i = below(4); i > 0; i--)
    for (const id of some(Math.min(last, 40), 30))
      model.publisherRestrictions.add(id, new PurposeRestriction([2, 7, 8, 9][below(4)], below(3)));
  return model;
}

const ids = (vector) => {
  const out = [];
  vector.forEach((has, id) => has && out.push(id));
  return out.sort((a, b) => a - b);
};
/// What the IAB's reader says, in the words of `hospes signal --json`.
function said(text) {
  const m = TCString.decode(text);
  const restrictions = m.publisherRestrictions.getRestrictions().map((r) => ({ purpose: r.purposeId, kind: r.restrictionType, vendors: m.publisherRestrictions.getVendors(r).sort((a, b) => a - b) }));
  const key = (r) => r.purpose * 4 + r.kind;
  return {
    created: m.created.getTime(), updated: m.lastUpdated.getTime(), cmp: m.cmpId, cmp_version: m.cmpVersion, screen: m.consentScreen,
    language: m.consentLanguage.toUpperCase(), vendor_list: m.vendorListVersion, policy: Number(m.policyVersion), service_specific: m.isServiceSpecific,
    other_texts: m.useNonStandardTexts, one_treatment: m.purposeOneTreatment, country: m.publisherCountryCode, special_features: ids(m.specialFeatureOptins),
    consent: ids(m.purposeConsents), interest: ids(m.purposeLegitimateInterests), vendor_consent: ids(m.vendorConsents),
    vendor_interest: ids(m.vendorLegitimateInterests), disclosed: ids(m.vendorsDisclosed), restrictions: restrictions.sort((a, b) => key(a) - key(b)),
    publisher: { consent: ids(m.publisherConsents), interest: ids(m.publisherLegitimateInterests), custom: m.numCustomPurposes, custom_consent: ids(m.publisherCustomConsents), custom_interest: ids(m.publisherCustomLegitimateInterests) },
  };
}
function ours(read) {
  const key = (r) => r.purpose * 4 + r.kind;
  const none = { consent: [], interest: [], custom: 0, custom_consent: [], custom_interest: [] };
  const { kind, valid, reason, ends, allowed, written, ...rest } = read;
  return { ...rest, created: Date.parse(read.created), updated: Date.parse(read.updated), disclosed: read.disclosed ?? [], publisher: read.publisher ?? none, restrictions: read.restrictions.sort((a, b) => key(a) - key(b)) };
}

function readAll(strings) {
  const ran = spawnSync(hospes, ["signal", "-", "--json"], { input: strings.join("\n") + "\n", encoding: "utf8", maxBuffer: 1 << 28 });
  assert.ok(ran.status === 0 || ran.status === 1, ran.stderr);
  const lines = ran.stdout.trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.length, strings.length);
  return lines;
}

const strings = Array.from({ length: 400 }, () => TCString.encode(randomModel()));
readAll(strings).forEach((read, i) => {
  assert.equal(read.kind, "tc", `${strings[i]}: ${read.reason}`);
  const oracle = said(strings[i]);
  assert.deepEqual(ours(read), oracle, strings[i]);
  assert.deepEqual(said(read.written), oracle, `written again: ${read.written}`);
  assert.equal(read.valid, oracle.service_specific && read.disclosed !== null, `${strings[i]}: ${read.reason}`);
});
console.log(`${strings.length} TC strings: read, written and read back alike`);

// A core alone: read by both, and not valid since 2026-02-28 (TCF 2.3).
const cores = strings.slice(0, 50).map((text) => text.split(".")[0]);
readAll(cores).forEach((read, i) => {
  assert.equal(read.kind, "tc");
  if (read.service_specific) assert.match(read.reason, /disclosed/, cores[i]);
});

const gpp = strings.slice(0, 100).map((tc) => {
  const model = new GppModel();
  model.setFieldValue("tcfeuv2", "CmpId", 2 + below(100));
  if (below(2)) model.setFieldValue("uspv1", "OptOutSale", "Y");
  if (below(2)) model.setFieldValue("usnat", "SaleOptOut", 1);
  if (below(2)) model.setFieldValue("usca", "SaleOptOut", 2);
  if (below(3) === 0) model.setFieldValue("usva", "SaleOptOut", 2);
  return model;
});
const encoded = gpp.map((model) => model.encode());
readAll(encoded).forEach((read, i) => {
  assert.equal(read.kind, "gpp", `${encoded[i]}: ${read.reason}`);
  assert.deepEqual(read.sections.map((s) => s.id), gpp[i].getSectionIds(), encoded[i]);
  assert.equal(read.written, encoded[i]);
  const [europe] = readAll([read.sections.find((s) => s.id === 2).text]);
  assert.equal(europe.cmp, gpp[i].getFieldValue("tcfeuv2", "CmpId"));
});
console.log(`${encoded.length} GPP strings: read and written alike`);

// Random letters are refused with a reason, or are exactly a string that means what it says.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
const random = Array.from({ length: 3000 }, () => (below(2) ? "C" : "") + Array.from({ length: 1 + below(80) }, () => alphabet[below(alphabet.length)]).join(""));
const accepted = readAll(random).filter((read) => {
  if (read.kind === null) assert.match(read.reason, /^this is no (TC|GPP) string: ./);
  return read.valid === true;
});
assert.equal(accepted.length, 0, "random letters held as consent");
console.log(`${random.length} random strings: none holds`);

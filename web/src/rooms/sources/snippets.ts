// What a sender pastes: its own client, our host, its key, and the consent that every event carries.

export interface Snippet {
  id: string;
  name: string; // of the client, as its makers write it
  of: "public" | "server"; // the key it bears
  text: string;
}

/** `purpose`: one that rests on consent; `yes` is what the visitor answered in the site's own tool. */
export function snippets(host: string, key: string, purpose: string): Snippet[] {
  const consent = `{ consent: { categoryPreferences: { ${purpose}: true } } }`;
  const json = `{"consent":{"categoryPreferences":{"${purpose}":true}}}`;
  const page = `<script>
  // The visitor's answer, from your consent banner.
  const context = ${consent};
  const analytics = (window.analytics = []);
  for (const method of ["page", "track", "identify", "group", "alias", "ready", "on"])
    analytics[method] = (...said) => { analytics.push([method, ...said]); return analytics; };
  analytics._writeKey = "${key}";
  analytics._cdn = "${host}";
  analytics.invoked = true;
  const script = document.createElement("script");
  script.src = "${host}/analytics.js/v1/${key}/analytics.min.js";
  document.head.append(script);
  analytics.page({}, { context });
</script>`;
  return [
    { id: "analytics", name: "analytics.js", of: "public", text: page },
    { id: "tag", name: "Tag Manager", of: "public", text: `<!-- Google Tag Manager: a Custom HTML tag, triggered when your banner has an answer. -->\n${page}` },
    {
      id: "rudder", name: "RudderStack JS", of: "public",
      text: `import { RudderAnalytics } from "@rudderstack/analytics-js";

const analytics = new RudderAnalytics();
analytics.load("${key}", "${host}", { configUrl: "${host}" });
analytics.page({}, { context: ${consent} });`,
    },
    {
      id: "jitsu", name: "Jitsu JS", of: "public",
      text: `import { jitsuAnalytics } from "@jitsu/js";

const analytics = jitsuAnalytics({
  host: "${host}", writeKey: "${key}",
  privacy: { consentCategories: { ${purpose}: true } },
});
analytics.page();`,
    },
    {
      id: "curl", name: "curl", of: "server",
      text: `curl -X POST ${host}/v1/track -u ${key}: -H 'Content-Type: application/json' \\
  -d '{"userId":"first-customer","event":"First Event","context":${json}}'`,
    },
    {
      id: "node", name: "Node.js", of: "server",
      text: `import { Analytics } from "@segment/analytics-node";

const analytics = new Analytics({ writeKey: "${key}", host: "${host}" });
analytics.track({
  userId: "first-customer", event: "First Event",
  context: ${consent},
});
await analytics.closeAndFlush();`,
    },
    {
      id: "python", name: "Python", of: "server",
      text: `from segment.analytics.client import Client

client = Client("${key}", host="${host}")
client.track("first-customer", "First Event",
             context={"consent": {"categoryPreferences": {"${purpose}": True}}})
client.shutdown()`,
    },
    {
      id: "rudder-node", name: "RudderStack Node", of: "server",
      text: `import Analytics from "@rudderstack/rudder-sdk-node";

const analytics = new Analytics("${key}", { dataPlaneUrl: "${host}" });
analytics.track({
  userId: "first-customer", event: "First Event",
  context: ${consent},
});
analytics.flush();`,
    },
  ];
}

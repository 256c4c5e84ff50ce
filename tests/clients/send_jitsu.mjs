// usage: send_jitsu.mjs HOST WRITE_KEY: what Jitsu's published client can say of the calls of said.mjs, from a server. It sends once
// and never again, so it gets what its users give it in `fetch`: a retry of the same request. Ends well when all is delivered.
import { jitsuAnalytics } from '@jitsu/js'
import { calls, consent } from './said.mjs'

const [host, writeKey] = process.argv.slice(2)
const wait = (ms) => new Promise((done) => setTimeout(done, ms))
async function again(url, request) {
  for (;;) {
    const answer = await fetch(url, request).catch(() => undefined)
    if (answer && answer.status !== 429 && answer.status < 500) return answer
    await wait(1000 * Number(answer?.headers.get('Retry-After') ?? 0.1))
  }
}
const analytics = jitsuAnalytics({
  host, writeKey, s2s: true, fetch: again, errorPolicy: 'rethrow', privacy: { consentCategories: consent.categoryPreferences }
})
const known = {
  identify: ({ userId, traits }, rest) => analytics.identify(userId, traits, rest),
  track: ({ event, properties }, rest) => analytics.track(event, properties, rest),
  page: ({ name, properties }, rest) => analytics.page({ name, url: `https://shop.example${properties.path}` }, rest),
  group: ({ groupId, traits }, rest) => analytics.group(groupId, traits, rest)
}
for (const [kind, call] of calls('jitsu', {})) {
  const { userId, anonymousId, context } = call
  await known[kind]?.(call, { userId, anonymousId, context })
}

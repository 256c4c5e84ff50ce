// Sends one call of each kind, twice, with the published Segment client. usage: send.mjs HOST WRITE_KEY
// Prints what the client says it delivered: one JSON object a line.
import { Analytics } from '@segment/analytics-node'

const [host, writeKey] = process.argv.slice(2)
// Small batches, so that there are enough requests for every fault.
const analytics = new Analytics({ host, writeKey, flushAt: 4, flushInterval: 200 })
analytics.on('error', (error) => console.error(JSON.stringify(error)))

const consent = { categoryPreferences: { personalise: true, measure: true, link: true } }
const said = (anonymousId, rest) => ({ anonymousId, context: { consent, locale: 'fr-FR' }, ...rest })
const who = (n) => ({ userId: `client-${n}`, anonymousId: `browser-${n}` })
const day = (n, hour) => new Date(Date.UTC(2026, 9, n, hour, 30, 15, 250))

const calls = [1, 2].flatMap((n) => [
  ['identify', { ...said(), ...who(n), traits: { email: `Client.${n}@example.org`, city: 'Lyon' }, timestamp: day(n, 8) }],
  ['track', { ...said(), ...who(n), event: `Order ${n}`, properties: { total: 12.5, lines: [{ sku: 'Été' }] }, timestamp: day(n, 9) }],
  ['page', { ...said(), ...who(n), name: 'Shop', properties: { path: `/shop/${n}` }, timestamp: day(n, 10) }],
  ['screen', { ...said(), ...who(n), name: 'Basket', properties: { step: n }, timestamp: day(n, 11) }],
  ['group', { ...said(), ...who(n), groupId: `household-${n}`, traits: { size: 4 }, timestamp: day(n, 12) }],
  ['alias', { ...said(), userId: `client-${n}`, previousId: `before-${n}`, timestamp: day(n, 13) }],
  // No time of its own: the client's clock says when.
  ['track', { ...said(), ...who(n), event: `Now ${n}` }]
])
const delivered = calls.map(([kind, call]) =>
  new Promise((resolve, reject) =>
    analytics[kind](call, (error, context) => (error ? reject(error) : resolve({ kind, ...context.event })))
  )
)
for (const event of await Promise.all(delivered)) console.log(JSON.stringify(event))
await analytics.closeAndFlush()

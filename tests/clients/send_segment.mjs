// usage: send_segment.mjs HOST WRITE_KEY: each call of said.mjs, by the published Segment client. Ends well when all is delivered.
import { Analytics } from '@segment/analytics-node'
import { calls, consent } from './said.mjs'

const [host, writeKey] = process.argv.slice(2)
// Small batches, so that there are enough requests for every fault.
const analytics = new Analytics({ host, writeKey, flushAt: 3, flushInterval: 200 })
analytics.on('error', (error) => console.error(JSON.stringify(error)))
await Promise.all(
  calls('segment-node', { consent }).map(([kind, call]) =>
    new Promise((resolve, reject) => analytics[kind](call, (error) => (error ? reject(error) : resolve())))
  )
)
await analytics.closeAndFlush()

// usage: send_rudder.mjs HOST WRITE_KEY: each call of said.mjs, by the published RudderStack client. Ends well when all is delivered.
import Analytics from '@rudderstack/rudder-sdk-node'
import { calls, consentManagement } from './said.mjs'

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics(writeKey, {
  dataPlaneUrl: host, flushAt: 3, flushInterval: 200, logLevel: 'silent',
  errorHandler: (error) => { console.error(String(error)); process.exitCode = 1 }
})
await Promise.all(calls('rudder-node', { consentManagement }).map(([kind, call]) => new Promise((resolve) => analytics[kind](call, resolve))))

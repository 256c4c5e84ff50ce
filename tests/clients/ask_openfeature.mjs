// usage: ask_openfeature.mjs HOST KEY: evaluates what stands on stdin, a JSON list of [kind, flag, code's default, targetingKey], by the
// published OFREP provider, and prints the details of each as JSON.
import { OFREPProvider } from '@openfeature/ofrep-provider'
import { OpenFeature } from '@openfeature/server-sdk'
import { readFileSync } from 'node:fs'

const [baseUrl, key] = process.argv.slice(2)
await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl, headers: [['X-API-Key', key]] }))
const client = OpenFeature.getClient()
const details = { boolean: 'getBooleanDetails', string: 'getStringDetails', number: 'getNumberDetails', object: 'getObjectDetails' }
const told = []
for (const [kind, flag, fallback, targetingKey] of JSON.parse(readFileSync(0, 'utf8')))
  told.push(await client[details[kind]](flag, fallback, targetingKey === null ? {} : { targetingKey }))
console.log(JSON.stringify(told))
await OpenFeature.close()

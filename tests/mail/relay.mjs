// A real relay for tests (npm smtp-server): STARTTLS and AUTH, and an answer by the recipient's name.
// relay.mjs KEY CERT : prints `port N`, then one JSON line for each thing that happens.
//   nobody…  550 5.1.1 at RCPT       full…    452 4.2.2 at RCPT       refused…  554 5.7.1 after the content
//   silent…  takes the content, hangs up without an answer            once…     451 the first time, then taken
import { readFileSync } from 'node:fs'
import { SMTPServer } from 'smtp-server'

const [, , key, cert, mode = ''] = process.argv
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n')
const error = (text, code) => Object.assign(new Error(text), { responseCode: code })
const tried = new Set()

const server = new SMTPServer({
  key: readFileSync(key), cert: readFileSync(cert), authMethods: ['PLAIN', 'LOGIN'], size: 10_000_000, authOptional: mode === 'open',
  hideSTARTTLS: mode === 'open', disabledCommands: mode === 'open' ? ['AUTH', 'STARTTLS'] : [],
  onAuth(auth, session, done) {
    if (auth.username === 'hospes' && auth.password === 'relay password') return done(null, { user: auth.username })
    say({ what: 'auth refused', user: auth.username })
    done(error('5.7.8 no such account', 535))
  },
  onRcptTo(address, session, done) {
    const name = address.address.split('@')[0]
    if (name.startsWith('nobody')) return done(error(`5.1.1 <${address.address}>: no such mailbox`, 550))
    if (name.startsWith('full')) return done(error('4.2.2 mailbox full', 452))
    if (name.startsWith('once') && !tried.has(name)) {
      tried.add(name)
      say({ what: 'later', to: address.address })
      return done(error('4.3.2 come back', 451))
    }
    done()
  },
  onData(stream, session, done) {
    const chunks = []
    stream.on('data', (chunk) => chunks.push(chunk))
    stream.on('end', () => {
      const to = session.envelope.rcptTo.map((r) => r.address)
      const name = to[0].split('@')[0]
      say({ what: 'message', from: session.envelope.mailFrom.address, to, tls: session.secure, user: session.user, hello: session.hostNameAppearsAs,
            content: Buffer.concat(chunks).toString('base64'), answer: name.replace(/[-\d].*/, '') })
      if (name.startsWith('refused')) return done(error('5.7.1 not wanted', 554))
      if (name.startsWith('silent')) return session.connectionToClose?.()
      done(null, 'taken')
    })
  },
  onConnect(session, done) {
    done()
  },
})
// `silent`: the connection's socket is only known to the server's own list.
server.on('error', () => {})
const onData = server.onData
server.onData = (stream, session, done) => {
  session.connectionToClose = () => { for (const c of server.connections) if (c.session === session || c.session?.id === session.id) c._socket.destroy() }
  return onData.call(server, stream, session, done)
}
server.listen(0, '127.0.0.1', () => say({ what: 'port', port: server.server.address().port }))
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))

// Our messages as others read them: mailparser for the bytes, mailauth for the signatures.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, test } from 'node:test'
import { dkimVerify } from 'mailauth/lib/dkim/verify.js'
import { simpleParser } from 'mailparser'
import { DOMAIN, Driver, dice, drawn, letterOf, letters, makeKeys } from './harness.mjs'

const keys = makeKeys()
const driver = new Driver(process.env.HOSPES_MAIL_DRIVER, [`e:${keys.ed}`, `r:${keys.rsa}`])
const records = {}
for (let i = 0; i < 2; ++i) {
  const [selector, ...record] = (await driver.line()).split(' ')
  records[`${selector}._domainkey.${DOMAIN}`] = record.join(' ')
}
after(() => { driver.close(); rmSync(keys.folder, { recursive: true }) })

const resolver = async (name, type) => {
  if (type === 'TXT' && records[name]) return [[records[name]]]
  throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
}
const verdicts = async (bytes) => (await dkimVerify(bytes, { resolver, curTime: new Date('2026-11-27T10:00:01Z') })).results
  .map((r) => `${r.algo} ${r.status.result}`).sort()
const PASS = ['ed25519-sha256 pass', 'rsa-sha256 pass']
// A line end before a boundary belongs to the boundary.
const cut = (text) => text.replace(/\r?\n/g, '\n').replace(/\n$/, '')

test('what was written is what is read', async () => {
  for (const letter of letters) {
    const bytes = await driver.message(letter)
    assert.ok(Buffer.isBuffer(bytes), String(bytes))
    for (const line of bytes.toString('latin1').split('\r\n')) {
      assert.ok(line.length <= 998 && !/[\r\n]/.test(line) && !/[^\t\x20-\x7e]/.test(line), line)
    }
    const read = await simpleParser(bytes, { skipTextToHtml: true, skipHtmlToText: true })
    assert.equal(read.subject ?? '', letter.subject)
    assert.equal(read.messageId, `<${letter.message_id}>`)
    assert.equal(read.date.toISOString(), '2026-11-27T10:00:00.000Z')
    if (letter.html) assert.equal(cut(read.html), cut(letter.html))
    if (letter.text) assert.equal(cut(read.text).trimEnd(), cut(letter.text).trimEnd())
    if (letter.reply_to) assert.equal(read.replyTo.value[0].address, letter.reply_to)
    if (letter.unsubscribe_url) {
      assert.equal(read.headers.get('list').unsubscribe.url, letter.unsubscribe_url)
      assert.equal(read.headers.get('list').unsubscribe.mail, letter.unsubscribe_address)
      assert.match(bytes.toString(), /\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n/)
    }
  }
})

test('names and domains that are not ASCII arrive', async () => {
  const read = await simpleParser(await driver.message(letters[3]))
  assert.deepEqual(read.from.value, [{ address: 'bonjour@mail.disquaire.example', name: 'Léa "la" Maison, SARL' }])
  assert.match((await driver.message(letters[4])).toString(), /\r\nTo: zoe@xn--mnchen-3ya.example\r\n/)
})

test('a text part is made of the HTML', async () => {
  const read = await simpleParser(await driver.message(letters[0]))
  assert.equal(read.text.trimEnd(), 'Bonjour Zoé,\n\nVoici votre disque <https://disquaire.example/a?x=1&y=2>.\n\n- un\n- deux')
})

test('both signatures hold, and stop holding when anything is changed', async () => {
  for (const letter of letters) assert.deepEqual(await verdicts(await driver.message(letter)), PASS)
  const good = (await driver.message(letters[0])).toString('latin1')
  const changed = (from, to) => {
    const out = good.replace(from, to)
    assert.notEqual(out, good)
    return Buffer.from(out, 'latin1')
  }
  const none = async (bytes) => assert.ok((await verdicts(bytes)).every((v) => !v.endsWith('pass')))
  await none(changed('Voici', 'Voila'))
  await none(changed('\r\nSubject: B', '\r\nSubject: b'))
  await none(changed('/u/abc>', '/u/abd>'))
  await none(changed('\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click', ''))
  await none(changed('\r\nFrom: ', '\r\nFrom: other@evil.example\r\nFrom: '))
  await none(changed('\r\nSubject: ', '\r\nSubject: another\r\nSubject: '))
  await none(changed('\r\nTo: ', '\r\nTo: other@example.org\r\nTo: '))
  // White space may change on the way: relaxed.
  assert.deepEqual(await verdicts(changed('Subject: Bienvenue chez', 'subject:  Bienvenue   chez')), PASS)
  const signed = /h=([^;]*);/.exec(good.replace(/\r\n\s+/g, ''))[1].toLowerCase()
  for (const name of ['list-unsubscribe', 'list-unsubscribe-post', 'from:from', 'subject:subject', 'to:to', 'message-id', 'date', 'reply-to', 'content-type', 'feedback-id'])
    assert.ok(signed.includes(name), name)
})

test('no value breaks out of its header', async () => {
  for (const [field, name] of [['subject', 'Subject'], ['reply_to', ''], ['list_id', 'List-Id'], ['message_id', 'Message-ID'], ['feedback_id', 'Feedback-ID']])
    for (const bad of ['a\r\nBcc: x@evil.example', 'a\nb', 'a\rb', 'a\0b']) {
      const said = await driver.message(letterOf({ html: '<p>x</p>', subject: 's', [field]: bad }))
      assert.equal(typeof said, 'string')
      assert.ok(!said.includes('evil'), 'an error says the header, not the value')
      if (name) assert.equal(said, `error: the header ${name} would hold a line end or NUL`)
    }
  for (const to of ['zoe', 'a b@example.org', '@example.org', 'x@', 'x@nodots', 'x@example.org\r\nRCPT TO:<y@z.example>', 'a..b@example.org', '"x"@example.org', 'x@exa mple.org'])
    assert.equal(typeof await driver.message(letterOf({ html: 'x', subject: 's', to })), 'string', to)
})

test('random letters arrive whole and signed', async () => {
  const seed = Number(process.env.HOSPES_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`seed ${seed}`)
  const roll = dice(seed)
  for (let i = 0; i < 150; ++i) {
    const letter = letterOf({ subject: drawn(roll, 30).replace(/[\r\n]/g, ' '), html: '<p>' + drawn(roll, 400) + '</p>', text: drawn(roll, 200) + 'end' })
    const bytes = await driver.message(letter)
    const read = await simpleParser(bytes, { skipTextToHtml: true, skipHtmlToText: true })
    assert.equal((read.subject ?? '').trim().replace(/\s+/g, ' '), letter.subject.trim().replace(/\s+/g, ' '))
    assert.equal(cut(read.html), cut(letter.html))
    assert.equal(cut(read.text), cut(letter.text))
    if (i % 5 === 0) assert.deepEqual(await verdicts(bytes), PASS)
  }
})

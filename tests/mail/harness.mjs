// What the tests of mail share: letters, keys made for the run, our driver, and text drawn from a seed.
import { spawn, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export const DOMAIN = 'mail.disquaire.example'

export function makeKeys() {
  const folder = mkdtempSync(join(tmpdir(), 'hospes-mail-'))
  const ed = join(folder, 'ed.pem'), rsa = join(folder, 'rsa.pem')
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', ed])
  execFileSync('openssl', ['genpkey', '-algorithm', 'rsa', '-pkeyopt', 'rsa_keygen_bits:2048', '-out', rsa], { stdio: 'ignore' })
  return { folder, ed, rsa }
}

const USUAL = {
  from: 'Disquaire <bonjour@mail.disquaire.example>', to: 'zoe@example.org', message_id: 'af1c.22@mail.disquaire.example',
  date: '2026-11-27T10:00:00Z', domain: DOMAIN,
}

export const letters = JSON.parse(readFileSync(new URL('letters.json', import.meta.url))).map((l) => ({ ...USUAL, ...l }))
export const letterOf = (parts) => ({ ...USUAL, ...parts })

export class Driver {
  constructor(path, keys) {
    this.process = spawn(path, keys, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
  }
  async line() { return (await this.lines.next()).value }
  /// A Buffer, or the error's text.
  async message(letter) {
    this.process.stdin.write(JSON.stringify(letter) + '\n')
    const line = await this.line()
    return line.startsWith('error: ') ? line : Buffer.from(line, 'base64')
  }
  close() { this.process.stdin.end() }
}

/// mulberry32
export function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const PIECES = ['a', 'Z', ' ', '  ', '\t', '\n', '\r\n', '=', '.', 'é', 'œ', '€', '😀', '<p>', '</p>', '&amp;', '"', '--', '=_', 'From ', 'mot ', '\u00a0', 'x'.repeat(90)]
export const drawn = (roll, most) => Array.from({ length: Math.floor(roll() * most) }, () => PIECES[Math.floor(roll() * PIECES.length)]).join('')

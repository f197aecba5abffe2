// A texting gateway to try this site with, in plain Node 18: takes sealed alerts over HTTPS, opens them with its
// own key and signs what its people answer (docs/gateway.md). It is a toy: it pages nobody.
//
//   node gateway.mjs setup SITE      makes throw-away keys in SITE/keys and a certificate in SITE/tls
//   node gateway.mjs run SITE [--port N] [--callback URL] [--callback-ca FILE] [--answer KIND[,KIND...]]
//                             [--after MS] [--refuse N] [--capture FILE]
//
// run prints "listening ADDR:PORT", then a line of JSON for each alert and for each answer it has sent.
//   --answer    what its people say to every alert, in order: delivered, read, accept, decline
//   --refuse    answers 503 to the first N requests, to show the retries
//   --capture   appends every request body, as it came over the wire, to FILE
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import https from 'node:https'
import path from 'node:path'

const b64 = (bytes) => Buffer.from(bytes).toString('base64url')
const say = (o) => process.stdout.write(JSON.stringify(o) + '\n')

function writeKey(file, key, more) {
  fs.writeFileSync(file, JSON.stringify({ ...key.export({ format: 'jwk' }), ...more }) + '\n', { mode: 0o600 })
}

function setup(site) {
  const keys = path.join(site, 'keys')
  const tls = path.join(site, 'tls')
  fs.mkdirSync(keys, { recursive: true })
  fs.mkdirSync(tls, { recursive: true })
  for (const [name, more] of [
    ['gateway', { use: 'enc', alg: 'ECDH-ES' }],
    ['gateway-sign', { use: 'sig', alg: 'ES256' }],
  ]) {
    if (fs.existsSync(path.join(keys, `${name}.private.jwk`))) continue
    const pair = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const kid = { ...more, kid: `${name}-${crypto.randomBytes(4).toString('hex')}` }
    writeKey(path.join(keys, `${name}.private.jwk`), pair.privateKey, kid)
    writeKey(path.join(keys, `${name}.jwk`), pair.publicKey, kid)
  }
  if (!fs.existsSync(path.join(tls, 'server.pem'))) makeCertificate(tls)
}

// One self-signed certificate is its own authority: enough for a gateway on this machine.
function makeCertificate(tls) {
  const at = (name) => path.join(tls, name)
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
      '-subj', '/CN=gateway of the clinic (demo)', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
      '-keyout', at('server.key'), '-out', at('server.pem')],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  fs.copyFileSync(at('server.pem'), at('ca.pem'))
}

const privateKey = (site, name) =>
  crypto.createPrivateKey({
    key: JSON.parse(fs.readFileSync(path.join(site, 'keys', `${name}.private.jwk`), 'utf8')),
    format: 'jwk',
  })

// RFC 7518 section 4.6.2: Concat KDF with SHA-256, one round is enough for 256 bits.
function contentKey(shared, header) {
  const sized = (text) => {
    const bytes = Buffer.from(text ?? '', 'base64url')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    return Buffer.concat([length, bytes])
  }
  const round = Buffer.from([0, 0, 0, 1])
  const bits = Buffer.from([0, 0, 1, 0])
  const info = [sized(b64(header.enc)), sized(header.apu), sized(header.apv), bits]
  return crypto.createHash('sha256').update(Buffer.concat([round, shared, ...info])).digest()
}

export function open(jwe, key) {
  const parts = jwe.split('.')
  const header = JSON.parse(Buffer.from(parts[0], 'base64url'))
  if (parts.length !== 5 || header.alg !== 'ECDH-ES' || header.enc !== 'A256GCM') throw new Error('not our kind of JWE')
  const shared = crypto.diffieHellman({
    privateKey: key,
    publicKey: crypto.createPublicKey({ key: header.epk, format: 'jwk' }),
  })
  const [iv, text, tag] = parts.slice(2).map((p) => Buffer.from(p, 'base64url'))
  const cipher = crypto.createDecipheriv('aes-256-gcm', contentKey(shared, header), iv)
  cipher.setAAD(Buffer.from(parts[0], 'ascii'))
  cipher.setAuthTag(tag)
  return JSON.parse(Buffer.concat([cipher.update(text), cipher.final()]))
}

export function sign(payload, key) {
  const text = `${b64(JSON.stringify({ alg: 'ES256' }))}.${b64(JSON.stringify(payload))}`
  return `${text}.${b64(crypto.sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }))}`
}

function post(url, ca, body) {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/jose', 'Content-Length': Buffer.byteLength(body) }
    const request = https.request(url, { method: 'POST', ca, headers, timeout: 10000 }, (answer) => {
      let text = ''
      answer.on('data', (d) => (text += d))
      answer.on('end', () => resolve({ status: answer.statusCode, text }))
    })
    request.on('timeout', () => request.destroy(new Error('timeout')))
    request.on('error', reject)
    request.end(body)
  })
}

// 503 and a broken connection mean "again, under the same nonce": the answer counts once.
async function answer(o, delivery, kind) {
  const said = { delivery, kind, at: Date.now(), nonce: b64(crypto.randomBytes(16)) }
  if (kind === 'decline') said.reason = 'with-patient'
  for (let tries = 0; tries < 60; tries++) {
    try {
      const ca = o['callback-ca'] && fs.readFileSync(o['callback-ca'])
      const got = await post(o.callback, ca, sign(said, o.signKey))
      if (got.status !== 503) {
        say({ answered: delivery, kind, status: got.status, body: got.text })
        return
      }
    } catch (e) {
      if (tries === 59) say({ answered: delivery, kind, error: String(e.message) })
    }
    await new Promise((r) => setTimeout(r, 250))
  }
}

async function take(o, delivery, body) {
  const alert = open(body, o.openKey)
  say({ delivery, at: Date.now(), alert })
  if (!o.callback || alert.type !== 'alert' || alert.fyi) return
  await new Promise((r) => setTimeout(r, Number(o.after ?? 0)))
  for (const kind of (o.answer ?? '').split(',').filter(Boolean)) await answer(o, alert.delivery, kind)
}

function handle(o, seen, request, reply) {
  const parts = []
  request.on('data', (d) => parts.push(d))
  request.on('end', () => {
    const body = Buffer.concat(parts).toString('latin1')
    const delivery = request.headers['idempotency-key']
    if (o.capture) fs.appendFileSync(o.capture, body + '\n')
    if (o.refuse-- > 0) return void reply.writeHead(503).end()
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/jose' || !delivery)
      return void reply.writeHead(400).end()
    reply.writeHead(202).end()
    if (seen.has(delivery)) return say({ repeated: delivery })
    seen.add(delivery)
    take(o, delivery, body).catch((e) => say({ delivery, error: String(e.message) }))
  })
}

function run(site, o) {
  o.openKey = privateKey(site, 'gateway')
  o.signKey = privateKey(site, 'gateway-sign')
  o.refuse = Number(o.refuse ?? 0)
  const seen = new Set()
  const read = (name) => fs.readFileSync(path.join(site, 'tls', name))
  const server = https.createServer({ key: read('server.key'), cert: read('server.pem') }, (q, r) => handle(o, seen, q, r))
  server.keepAliveTimeout = 60000
  server.listen(Number(o.port ?? 9443), '127.0.0.1', () => console.log(`listening 127.0.0.1:${server.address().port}`))
  process.on('SIGTERM', () => process.exit(0))
}

function main([command, site, ...rest]) {
  const options = {}
  while (rest.length >= 2 && rest[0].startsWith('--')) options[rest.shift().slice(2)] = rest.shift()
  if (site && rest.length === 0 && command === 'setup') setup(site)
  else if (site && rest.length === 0 && command === 'run') run(site, options)
  else {
    console.error('usage: node gateway.mjs setup SITE | run SITE [--port N] [--callback URL] ...')
    process.exit(2)
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === new URL(import.meta.url).pathname) main(process.argv.slice(2))

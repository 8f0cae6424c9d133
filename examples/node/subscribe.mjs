// Reads a coalition's metrics: what is there now, then what comes.
//   npm ci && node subscribe.mjs axis [--once]
// BLOCWATCH_KAFKA names the broker [localhost:9092]; PREFIX stands before the topic's name.
import { randomUUID } from 'node:crypto'
import { Consumer, stringDeserializers } from '@platformatic/kafka'

const [coalition = 'axis', once] = process.argv.slice(2)
const topic = `${process.env.PREFIX ?? ''}coalition.metrics.v1`
const consumer = new Consumer({
  // A group of its own, and no committed place: this reader starts from the topic's state every time.
  groupId: `blocwatch-example-${randomUUID()}`,
  clientId: 'blocwatch-example',
  bootstrapBrokers: (process.env.BLOCWATCH_KAFKA ?? 'localhost:9092').split(','),
  deserializers: stringDeserializers,
  // With TLS or a password: tls: { ca: readFileSync('ca.pem') }, sasl: { mechanism: 'SCRAM-SHA-512', username, password }
})

const ends = (await consumer.listOffsets({ topics: [topic] })).get(topic)
const pending = new Set(ends.keys())
for (const [partition, end] of ends.entries()) if (end === 0n) pending.delete(partition)

const state = new Map()
const show = m => console.log(JSON.stringify({ view: m.view, as_of: m.as_of, cohesion: m.cohesion, final: m.final }))

if (pending.size > 0 || once !== '--once') {
  const stream = await consumer.consume({ topics: [topic], mode: 'earliest', autocommit: false })
  for await (const message of stream) {
    const reached = message.offset + 1n >= ends[message.partition]
    const following = pending.size === 0
    if (message.key.split('|')[0] === coalition) {
      if (!message.value) state.delete(message.key) // a message without a value deletes its key
      else if (following) show(JSON.parse(message.value))
      else state.set(message.key, JSON.parse(message.value))
    }
    if (following || !reached || !pending.delete(message.partition) || pending.size > 0) continue
    for (const key of [...state.keys()].sort()) show(state.get(key))
    if (once === '--once') break
  }
}
await consumer.close(true)

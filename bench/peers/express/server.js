// The same assignment as a Node.js shop would write it: Express, pg and redis; one process, as cluster mode runs one a core.
'use strict'
const { createHash } = require('node:crypto')
const express = require('express')
const { Pool } = require('pg')
const redis = require('redis')

const STICKY_SECONDS = 300
const tenants = new Map([[process.env.API_KEY, 'tenant-1']])
const experiments = new Map([
  ['tenant-1/sku-1', {
    id: 'experiment-1',
    currency: 'USD',
    variants: [
      { name: 'control', price: 1999, weight: 50 },
      { name: 'higher', price: 2499, weight: 50 }
    ]
  }]
])

function choose (experiment, shopper) {
  const hash = createHash('md5').update(`${experiment.id}:${shopper}`).digest()
  let point = hash.readUInt32BE(0) % 100
  return experiment.variants.findIndex(variant => (point -= variant.weight) < 0)
}

async function main () {
  const pool = new Pool({
    host: process.env.PGHOST, user: 'express', database: 'express', max: Number(process.env.POOL)
  })
  const cache = redis.createClient({ socket: { path: process.env.REDIS_SOCKET } })
  await cache.connect()

  // Durable before it is told: the insert is committed, or another request's was.
  async function assign (tenant, experiment, shopper) {
    const inserted = await pool.query({
      name: 'assign',
      text: `INSERT INTO assignments (tenant, experiment, shopper, variant) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING RETURNING variant`,
      values: [tenant, experiment.id, shopper, choose(experiment, shopper)]
    })
    if (inserted.rows.length > 0) return inserted.rows[0].variant
    const found = await pool.query({
      name: 'assigned',
      text: 'SELECT variant FROM assignments WHERE tenant = $1 AND experiment = $2 AND shopper = $3',
      values: [tenant, experiment.id, shopper]
    })
    return found.rows[0].variant
  }

  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)

  app.post('/api/v1/quotes', (request, response, next) => {
    const authorization = request.headers.authorization || ''
    request.tenant = authorization.startsWith('Bearer ') ? tenants.get(authorization.slice(7)) : undefined
    if (!request.tenant) return response.status(401).json({ error: 'unauthorized' })
    next()
  }, express.json(), async (request, response, next) => {
    try {
      const { shopper, product } = request.body
      if (typeof shopper !== 'string' || typeof product !== 'string') {
        return response.status(422).json({ error: 'shopper and product are strings' })
      }
      const experiment = experiments.get(`${request.tenant}/${product}`)
      if (!experiment) return response.status(404).json({ error: 'no such product' })
      const key = `${request.tenant}:${experiment.id}:${shopper}`
      const known = await cache.get(key)
      let index = Number(known)
      if (known === null) {
        index = await assign(request.tenant, experiment, shopper)
        await cache.set(key, String(index), { EX: STICKY_SECONDS })
      }
      const variant = experiment.variants[index]
      response.json({
        shopper,
        product,
        price: { amount: variant.price, currency: experiment.currency },
        experiment: { id: experiment.id, variant: variant.name }
      })
    } catch (error) {
      next(error)
    }
  })

  app.listen(Number(process.env.PORT), '127.0.0.1')
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})

import { type Check, type Finding, problem, type Site, warning } from '../check'
import { isPublicHost } from './base-url'

const deadlineMs = 3_000
const usualApi = 'https://api.stripe.com'

/** Whether whoever charges cards takes our key, and moves money where money is promised. */
export const payments: Check<Site> = {
  name: 'payments',
  run: async ({ config: { payments, baseUrl } }) => {
    const isPublic = isPublicHost(new URL(baseUrl).hostname)
    if (payments.provider === 'test') {
      if (!isPublic) return []
      return [
        warning(
          'PAYMENT_PROVIDER is test, on a public address: cards are accepted and no money moves.',
          'Set PAYMENT_PROVIDER to stripe with its keys, unless this is for trying out.',
        ),
      ]
    }
    const { secretKey, apiBase } = payments
    const found: Finding[] = []
    if (isPublic && /^[sr]k_test_/.test(secretKey)) {
      found.push(
        warning(
          'STRIPE_SECRET_KEY is one for tests, on a public address: no money moves.',
          'Set the live key, and STRIPE_WEBHOOK_SECRET to the secret of the live webhook.',
        ),
      )
    }
    if (isPublic && apiBase !== usualApi) {
      found.push(
        warning(`Stripe is asked at ${apiBase}, a stand-in.`, 'Leave STRIPE_API_BASE unset.'),
      )
    }
    return [...found, ...(await answer(apiBase, secretKey))]
  },
}

async function answer(apiBase: string, secretKey: string): Promise<Finding[]> {
  try {
    const { status } = await fetch(new URL('/v1/balance', apiBase), {
      headers: { authorization: `Bearer ${secretKey}` },
      redirect: 'error',
      signal: AbortSignal.timeout(deadlineMs),
    })
    if (status === 401) {
      const remedy = 'Correct STRIPE_SECRET_KEY: the dashboard shows it under “API keys”.'
      return [problem('Stripe does not know our key.', remedy)]
    }
    if (status < 500) return []
    return [problem(`Stripe answers ${status}.`, 'Look at status.stripe.com, and wait.')]
  } catch {
    return [
      problem(
        `Stripe cannot be reached at ${apiBase}.`,
        'Allow this machine to connect there; pledges are taken meanwhile and charged later.',
      ),
    ]
  }
}

import type { PaymentConfig } from '#config'
import type { Db } from '#db/client'
import type { PaymentProvider } from './provider'
import { openTestGateway } from './test-gateway'

/** Whoever charges cards here. Stripe's library is loaded only where it is used. */
export async function openPayments(
  config: { payments: PaymentConfig; baseUrl: string },
  db: Db,
): Promise<PaymentProvider> {
  const { payments, baseUrl } = config
  if (payments.provider === 'test') return openTestGateway(db, baseUrl)
  const { openStripe } = await import('./stripe')
  return openStripe(payments)
}

import type { Line } from './choice'

/** A pledge with its parts, as it is stored; amounts in minor units. */
export interface PledgeParts {
  amount: number
  bonus: number
  shipping: number
  shipTo: string | null
  rewardName: string | null
  addOns: readonly { name: string; quantity: number; amount: number }[]
}

/** Every line of what a pledge comes to, at the prices it was made for. */
export function linesOf(pledge: PledgeParts): Line[] {
  const { amount, bonus, shipping, shipTo, rewardName, addOns } = pledge
  const rest = addOns.reduce((left, each) => left - each.amount, amount - bonus - shipping)
  // What was pledged before there were parts is one sum.
  const plain = rewardName === null ? bonus + rest : bonus
  return [
    ...(rewardName === null ? [] : [{ label: rewardName, amount: rest }]),
    ...addOns.map((each) => ({
      label: each.quantity > 1 ? `${each.quantity} × ${each.name}` : each.name,
      amount: each.amount,
    })),
    ...(shipTo === null ? [] : [{ label: `Shipping to ${shipTo}`, amount: shipping }]),
    ...(plain === 0 ? [] : [{ label: rewardName === null ? 'Pledge' : 'Bonus', amount: plain }]),
  ]
}

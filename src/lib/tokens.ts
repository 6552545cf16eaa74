const tokenBytes = 32

/** 256 random bits for a cookie or a link, and what of them is kept. */
export function newToken(): { token: string; hash: Uint8Array } {
  const token = Buffer.from(crypto.getRandomValues(new Uint8Array(tokenBytes))).toString(
    'base64url',
  )
  return { token, hash: hashToken(token) }
}

/** SHA-256: whoever reads the database has no token of anybody. */
export const hashToken = (token: string): Uint8Array =>
  new Bun.CryptoHasher('sha256').update(token).digest()

let known: Promise<ReadonlySet<string>> | undefined

/**
 * Whether a password is among the many thousands that are tried first, in whatever case: those
 * that leaks of other sites have most often in them.
 */
export async function isCommonPassword(password: string): Promise<boolean> {
  known ??= loadPasswords()
  return (await known).has(password.toLowerCase())
}

// Half a megabyte, of use to those who join: it is loaded with the first of them.
async function loadPasswords(): Promise<ReadonlySet<string>> {
  const { default: list } = await import('@zxcvbn-ts/language-common/src/passwords.json')
  return new Set(list)
}

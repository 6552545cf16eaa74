/** One or several requirements of OWASP ASVS 5.0 that a test of ours shows to be met. */
export interface Requirement {
  /** Their numbers. */
  asvs: string
  control: string
  /** What shows it: the file, and the name of a test in it as it is written there. */
  tests: readonly (readonly [file: string, name: string])[]
}

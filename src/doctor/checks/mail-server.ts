import { createTransport } from 'nodemailer'
import { errorCode } from '#lib/errors'
import { type Check, type Finding, problem, type Site, warning } from '../check'
import { isPublicHost } from './base-url'

const deadlineMs = 3_000
const reasonCharactersMax = 200

/** Whether the server of SMTP_URL takes us. No mail is sent. */
export const mailServer: Check<Site> = {
  name: 'mail server',
  run: async ({ config: { smtpUrl, baseUrl } }) => {
    if (smtpUrl === null) {
      if (!isPublicHost(new URL(baseUrl).hostname)) return { skipped: 'SMTP_URL is not set' }
      return [
        warning(
          'SMTP_URL is not set: nobody can confirm an address or get back a password.',
          'Set SMTP_URL to a server that takes mail.',
        ),
      ]
    }
    const transport = createTransport({
      url: smtpUrl,
      connectionTimeout: deadlineMs,
      greetingTimeout: deadlineMs,
      socketTimeout: deadlineMs,
    })
    try {
      await transport.verify()
      return []
    } catch (error) {
      return [refusal(error, new URL(smtpUrl).host)]
    } finally {
      transport.close()
    }
  },
}

function refusal(error: unknown, host: string): Finding {
  const code = errorCode(error) ?? ''
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'EAUTH') {
    const remedy = 'Correct the user and the password of SMTP_URL, percent-encoded.'
    return problem(`The mail server ${host} refuses the user or the password.`, remedy)
  }
  if (code === 'ETIMEDOUT') {
    const remedy = 'Check the address and the network; many hosters block port 25, but not 587.'
    return problem(`The mail server ${host} does not answer within 3 seconds.`, remedy)
  }
  return problem(
    `The mail server ${host} cannot be used: ${message.slice(0, reasonCharactersMax)}.`,
    'Start it, or correct SMTP_URL.',
  )
}

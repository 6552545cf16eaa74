/** A site by https at an address that no DNS knows it by; its certificate is nobody's business. */
export function siteAt(address: string, name: string) {
  return {
    get: (path: string, init: RequestInit = {}): Promise<Response> => {
      const headers = new Headers(init.headers)
      headers.set('host', name)
      return fetch(`https://${address}${path}`, {
        ...init,
        headers,
        redirect: 'manual',
        tls: { rejectUnauthorized: false, serverName: name },
      })
    },
  }
}

export interface Asking {
  answered(): number
  /** Lets what is on its way be answered; what was not answered as it should be. */
  stop(): Promise<{ answers: number; failures: string[] }>
}

const clients = 8
const pauseMs = 5
const failuresShown = 5

/** Asks by GET and by POST, on kept connections and on new ones, until it is told to stop. */
export function keepAsking(
  site: ReturnType<typeof siteAt>,
  asked: 'all' | 'reads' = 'all',
): Asking {
  const failures: string[] = []
  let answers = 0
  let stopped = false
  const form = {
    method: 'POST',
    body: 'email=a%40b.example&password=x',
    headers: {
      ...{ 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    },
  }
  const client = async (index: number) => {
    const isForm = asked === 'all' && index % 4 === 3
    const path = isForm ? '/sign-in' : ['/', '/discover?sort=newest'][index % 2]
    while (!stopped) {
      try {
        const init = { keepalive: index % 2 === 0, ...(isForm ? form : {}) }
        const answer = await site.get(path ?? '/', init)
        await answer.arrayBuffer()
        // A sign-in that fails, or is tried too often, is answered all the same.
        const expected = isForm ? [422, 429] : [200]
        if (!expected.includes(answer.status)) failures.push(`${path} ${answer.status}`)
      } catch (error) {
        failures.push(`${path} ${String(error)}`)
      }
      answers += 1
      await Bun.sleep(pauseMs)
    }
  }
  const running = Promise.all(Array.from({ length: clients }, (_, index) => client(index)))
  return {
    answered: () => answers,
    stop: async () => {
      stopped = true
      await running
      return { answers, failures: failures.slice(0, failuresShown) }
    },
  }
}

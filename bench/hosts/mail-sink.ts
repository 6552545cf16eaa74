/** A mail server that keeps count of what it has taken. */
export interface MailSink {
  url: string
  /** Of our number of a mail, how often it came. */
  numbers: Map<string, number>
  taken(): number
  close(): void
}

/** Listens at this address, on any port. */
export function startMailSink(hostname: string): MailSink {
  const numbers = new Map<string, number>()
  let count = 0
  const take = (mail: string) => {
    count++
    const number = /^Message-ID: <outbox\.(\d+)@/im.exec(mail)?.[1] ?? 'without a number'
    numbers.set(number, (numbers.get(number) ?? 0) + 1)
  }
  const server = Bun.listen<{ text: string; isMail: boolean }>({
    ...{ hostname, port: 0 },
    socket: {
      open(socket) {
        socket.data = { text: '', isMail: false }
        socket.write('220 sink ESMTP\r\n')
      },
      data(socket, chunk) {
        const { data } = socket
        data.text += chunk.toString()
        for (;;) {
          const mark = data.isMail ? '\r\n.\r\n' : '\r\n'
          const end = data.text.indexOf(mark)
          if (end === -1) return
          const part = data.text.slice(0, end)
          data.text = data.text.slice(end + mark.length)
          if (data.isMail) take(part)
          data.isMail = !data.isMail && /^DATA/i.test(part)
          socket.write(data.isMail ? '354 go on\r\n' : '250 well\r\n')
        }
      },
    },
  })
  return {
    ...{ url: `smtp://${hostname}:${server.port}`, numbers, taken: () => count },
    close: () => server.stop(true),
  }
}

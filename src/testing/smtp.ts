/** A mail server of a test's own: takes what comes, or refuses it. */
export interface TestSmtp {
  url: string
  /** The mails taken so far, headers and all. */
  mails: string[]
  /** From now on it refuses every recipient. */
  refuse(isRefusing: boolean): void
  close(): void
}

export function startSmtp(): TestSmtp {
  const mails: string[] = []
  let refusing = false
  const server = Bun.listen<{ text: string; isData: boolean }>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(socket) {
        socket.data = { text: '', isData: false }
        socket.write('220 test ESMTP\r\n')
      },
      data(socket, chunk) {
        const { data } = socket
        data.text += chunk.toString()
        for (let end = endOf(data); end !== -1; end = endOf(data)) {
          const part = data.text.slice(0, end)
          data.text = data.text.slice(end + (data.isData ? '\r\n.\r\n' : '\r\n').length)
          if (data.isData) {
            mails.push(part)
            data.isData = false
            socket.write('250 taken\r\n')
          } else socket.write(answerTo(part, data))
        }
      },
    },
  })
  const answerTo = (line: string, data: { isData: boolean }) => {
    if (/^RCPT/i.test(line) && refusing) return '550 not here\r\n'
    if (/^DATA/i.test(line)) {
      data.isData = true
      return '354 go on\r\n'
    }
    if (/^QUIT/i.test(line)) return '221 bye\r\n'
    return '250 test\r\n'
  }
  return {
    url: `smtp://127.0.0.1:${server.port}`,
    mails,
    refuse: (isRefusing) => {
      refusing = isRefusing
    },
    close: () => server.stop(true),
  }
}

const endOf = ({ text, isData }: { text: string; isData: boolean }) =>
  text.indexOf(isData ? '\r\n.\r\n' : '\r\n')

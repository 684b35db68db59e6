import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Headers and body as they came, lines parted by \n. */
  message: string;
}

/** A mail server on this machine that takes everything, in the few words of SMTP that a client needs. */
export class SmtpSink {
  readonly received: ReceivedMail[] = [];
  /** The next message is taken, and the connection ends without an answer. */
  losesAnswer = false;
  /** Answers to a command, by its first word, in place of 250. */
  readonly answers = new Map<string, string>();
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SmtpSink> {
    const server = createServer();
    const sink = new SmtpSink(server);
    server.on('connection', (socket) => sink.talk(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return sink;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private talk(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => socket.destroy());
    socket.setEncoding('utf8').write('220 sink\r\n');
    let mail: ReceivedMail = { from: '', to: [], message: '' };
    let text = '';
    let isMessage = false;
    socket.on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (!isMessage) isMessage = this.command(socket, line, mail);
        else if (line !== '.') mail.message += `${line}\n`;
        else {
          isMessage = false;
          this.accept(socket, mail);
          mail = { from: '', to: [], message: '' };
        }
      }
    });
  }

  /** Answers one command; true when the message follows. */
  private command(socket: Socket, line: string, mail: ReceivedMail): boolean {
    const word = line.split(' ')[0]?.toUpperCase() ?? '';
    const [, address = ''] = /<([^>]*)>/.exec(line) ?? [];
    const answer = this.answers.get(`${word} ${address}`) ?? this.answers.get(word);
    if (answer !== undefined) {
      socket.write(`${answer}\r\n`);
      return false;
    }
    if (word === 'MAIL') mail.from = address;
    if (word === 'RCPT') mail.to.push(address);
    socket.write(word === 'DATA' ? '354 go on\r\n' : word === 'QUIT' ? '221 bye\r\n' : '250 fine\r\n');
    return word === 'DATA';
  }

  private accept(socket: Socket, mail: ReceivedMail): void {
    this.received.push(mail);
    if (this.losesAnswer) {
      this.losesAnswer = false;
      socket.destroy();
    } else socket.write('250 taken\r\n');
  }
}

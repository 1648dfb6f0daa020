// Loaded into the built server by `--import`: once the file that KILL_AT_WRITE names is there, it kills the process before the n-th write
// to a segment of the state of alerts or of the journal; n is what the file holds. What it was about to write is told in a file beside it.
// How far the engine has come (checkpoints) is written whenever it comes there.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const armed = process.env.KILL_AT_WRITE;
const write = fs.write;
let left = null;

fs.write = (fd, ...rest) => {
  if (fs.existsSync(armed)) {
    const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
    const place = /\/data\/(alerts|journal)\/.*\.seg$/.exec(path)?.[1];
    if (place !== undefined) {
      left = (left ?? Number(fs.readFileSync(armed, 'utf8'))) - 1;
      if (left === 0) {
        fs.writeFileSync(`${armed}.struck`, place);
        process.kill(process.pid, 'SIGKILL');
        for (;;);
      }
    }
  }
  return write(fd, ...rest);
};
syncBuiltinESMExports();

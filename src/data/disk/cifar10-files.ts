import { type CifarRecords, cifar10Classes, cifarParts, cifarRecordBytes, decodeCifar } from '../cifar.ts';
import type { LocalBytes, LocalFile, LocalSet } from './local-set.ts';

const records = 10_000;

/** SHA-256 of the original release, where its bytes were at hand; the others are checked by size and labels. */
const training: readonly LocalFile[] = [
  {
    name: 'data_batch_1.bin',
    sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
  },
  {
    name: 'data_batch_2.bin',
    sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
    optional: true,
  },
  { name: 'data_batch_3.bin', optional: true },
  { name: 'data_batch_4.bin', optional: true },
  { name: 'data_batch_5.bin', optional: true },
];

const test: LocalFile = { name: 'test_batch.bin', optional: true };

function check({ bytes, source }: LocalBytes): string | undefined {
  const { count, restBytes } = decodeCifar(bytes, source);
  if (count === records && restBytes === 0) return undefined;
  const rest = restBytes === 0 ? '' : ` and ${restBytes} bytes of another`;
  return `must hold ${records} records of ${cifarRecordBytes} bytes, got ${count}${rest} (${bytes.length} bytes)`;
}

/** What is not there, in one line; undefined where everything is. */
function shortfall(
  found: readonly CifarRecords[],
  tests: CifarRecords | undefined,
  parts: ReturnType<typeof cifarParts>,
) {
  const count = found.reduce((total, part) => total + part.count, 0);
  const wanted = training.length * records;
  if (count === wanted && tests?.count === records) return undefined;
  const { train, validation, test: testing } = parts;
  return `${count} of ${wanted} training records and ${testing.count} of ${records} test records are here: ${train.count} to train on, ${validation.count} to validate, ${testing.count} to test. Scores are not comparable with published ones`;
}

/** CIFAR-10 in its binary version, whole or in part. */
export const cifar10: LocalSet = {
  source: 'local',
  name: 'cifar10',
  what: 'objects and animals in colour (Krizhevsky 2009)',
  exampleShape: [3, 32, 32],
  counts: { train: 40_000, validation: 10_000, test: 10_000 },
  classes: cifar10Classes,
  folders: ['cifar-10-batches-bin', 'cifar10'],
  files: [...training, test],
  advice:
    'Unpack "CIFAR-10 binary version" of https://www.cs.toronto.edu/~kriz/cifar.html, which makes a folder cifar-10-batches-bin',
  check,
  decode(files) {
    const decode = ({ name }: LocalFile) => {
      const file = files.get(name);
      return file ? [decodeCifar(file.bytes, file.source)] : [];
    };
    const found = training.flatMap(decode);
    const [tests] = decode(test);
    const parts = cifarParts(found, tests);
    const notice = shortfall(found, tests, parts);
    return { ...parts, ...(notice && { notice }) };
  },
};

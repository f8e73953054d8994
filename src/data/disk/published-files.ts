/** A file of a published set, pinned by its bytes: a mirror that serves anything else is not used. */
export interface PublishedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** SHA-256 (hex) of the file as published, compressed. */
  readonly sha256: string;
  /** SHA-256 (hex) of what it unpacks to: the same data, plain or compressed anew, is accepted too. */
  readonly contentSha256: string;
}

/** What a file of a published set holds. */
export type FileRole = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';

/** Labelled grey images in the four IDX files of MNIST; the last part of the training file is kept for validation. */
export interface PublishedSet {
  readonly source: 'files';
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  readonly exampleShape: readonly [channels: number, height: number, width: number];
  readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
  readonly classes: readonly string[];
  /** Folders that serve the files, tried in this order. */
  readonly mirrors: readonly string[];
  readonly files: Readonly<Record<FileRole, PublishedFile>>;
}

// SHA-256 of the compressed files are those of the original releases; both mirrors serve these bytes.
const mnist: PublishedSet = {
  source: 'files',
  name: 'mnist',
  what: 'handwritten digits (LeCun et al. 1998)',
  exampleShape: [1, 28, 28],
  counts: { train: 50_000, validation: 10_000, test: 10_000 },
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  mirrors: [
    'https://ossci-datasets.s3.amazonaws.com/mnist/',
    'https://storage.googleapis.com/cvdf-datasets/mnist/',
  ],
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte.gz',
      sizeBytes: 9_912_422,
      sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609',
      contentSha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte.gz',
      sizeBytes: 28_881,
      sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c',
      contentSha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    },
    testImages: {
      name: 't10k-images-idx3-ubyte.gz',
      sizeBytes: 1_648_877,
      sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6',
      contentSha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte.gz',
      sizeBytes: 4_542,
      sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6',
      contentSha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
  },
};

const fashionMnist: PublishedSet = {
  source: 'files',
  name: 'fashion-mnist',
  what: 'clothing, in the layout of mnist (Xiao et al. 2017)',
  exampleShape: [1, 28, 28],
  counts: { train: 50_000, validation: 10_000, test: 10_000 },
  classes: [
    'T-shirt/top',
    'trouser',
    'pullover',
    'dress',
    'coat',
    'sandal',
    'shirt',
    'sneaker',
    'bag',
    'ankle boot',
  ],
  mirrors: [
    'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
    'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
  ],
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte.gz',
      sizeBytes: 26_421_880,
      sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      contentSha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte.gz',
      sizeBytes: 29_515,
      sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      contentSha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    },
    testImages: {
      name: 't10k-images-idx3-ubyte.gz',
      sizeBytes: 4_422_102,
      sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      contentSha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte.gz',
      sizeBytes: 5_148,
      sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      contentSha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  },
};

/** The sets that are downloaded as files. */
export const publishedSets: readonly PublishedSet[] = [mnist, fashionMnist];

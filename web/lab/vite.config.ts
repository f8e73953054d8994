import type { UserConfig } from 'vite';
import { offline } from '../offline-build.ts';
import { pageBuild } from '../page-build.ts';

const page = pageBuild('lab');
const config: UserConfig = { ...page, plugins: [offline(new URL('./service-worker.ts', import.meta.url))] };

export default config;

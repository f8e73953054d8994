import '../style/tokens.css';
import './style/page.css';
import './style/controls.css';
import './style/run-list.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { connect } from './connection.ts';

connect();
render(<App />, document.querySelector('#page')!);

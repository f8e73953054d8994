import type { JSX } from 'preact';
import { type Complex, jacobianEigenvalues } from '../../src/theory/dirac-gan.ts';
import { useLab } from './lab-page.ts';
import { verdictWords } from './verdict-words.ts';

/** A pair as `re ± im i`; a field with a kink at the centre has none: differences there grow without bound. */
function written([a, b]: readonly [Complex, Complex]): string {
  if (Math.max(Math.abs(a.re), Math.abs(b.re)) > 1e3) return 'none: a kink';
  const real = Math.abs(a.re) < 5e-7 ? '' : a.re.toFixed(2).replace('-', '−');
  if (Math.abs(a.im) < 5e-7) return `${real || '0'}, ${b.re.toFixed(2).replace('-', '−')}`;
  return `${real} ± ${Math.abs(a.im).toFixed(2)}i`;
}

/** What the linearised field says of each method, and how it ends. */
export function DiracNumbers(): JSX.Element {
  const { dirac } = useLab();
  const { paths, verdicts } = dirac;
  return (
    <section class="numbers" aria-labelledby="numbers-title" data-part="numbers">
      <h2 id="numbers-title">Numbers</h2>
      <table class="dirac-table">
        <thead>
          <tr>
            <th scope="col">method</th>
            <th scope="col">eigenvalues</th>
            <th scope="col">5,000 steps</th>
          </tr>
        </thead>
        <tbody>
          {paths.value.map(({ method }) => {
            const verdict = verdicts.value.get(method.name);
            return (
              <tr key={method.name}>
                <th scope="row">{method.name}</th>
                <td>{written(jacobianEigenvalues(method.field))}</td>
                <td
                  title={verdict ? verdictWords[verdict].long : ''}
                  class={verdict ?? ''}
                  data-testid={`verdict-${method.name}`}
                >
                  {verdict ? verdictWords[verdict].short : '–'}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="method">
        Eigenvalues of the field's Jacobian at the centre. Both real parts below 0: training with small steps
        arrives there at an exponential rate. On the imaginary axis it turns in circles. WGAN's ψ is clipped,
        WGAN-GP's field has a kink there. Data at 0, G at θ, D = ψx; start (1, 1), h = 0.1, weights as in
        Mescheder et al. 2018.
      </p>
    </section>
  );
}

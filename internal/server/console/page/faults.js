// Faults of the API on request, so that developers see how their code handles them.
import { button, el, icon, setText, toast } from './dom.js';
import { canStop, openDialog } from './actions.js';
import { request } from './store.js';

/** @typedef {import('./store.js').Store} Store */
/** @typedef {{faults: string, calls: number}} Armed */

const answers = [
	['', 'As usual'],
	['throttling', '429, too many requests'],
	['internal', '500, internal error'],
	['forbidden', '403, forbidden'],
	['bad-gateway', '502, bad gateway'],
	['gateway-timeout', '504, timeout'],
];
const spans = [['0', 'All until cleared'], ['1', 'The next one'], ['3', 'The next 3'], ['10', 'The next 10']];

/** @param {Armed} a */
const sentence = (a) => (a.faults ? `Armed: ${a.faults}, ${a.calls === 0 ? 'until cleared' : a.calls === 1 ? '1 more call' : `${a.calls} more calls`}` : 'Nothing is armed');

/** The button in the page's head. It shows whether faults are armed. */
export class FaultsButton {
	element = /** @type {HTMLButtonElement} */ (el('button', { id: 'faults', type: 'button', class: 'quiet icon-only', hidden: true, onclick: () => this.open() }, icon('bolt')));
	#known = false;
	#timer = 0;

	/** @param {Store} store */
	constructor(store) {
		this.store = store;
		this.#label({ faults: '', calls: 0 });
	}

	/** @param {boolean} on */
	show(on) {
		this.element.hidden = !on;
		if (on && !this.#known) this.refresh();
	}

	open() {
		openDialog(new Faults(this).dialog);
	}

	/** Asks the server what is armed, again and again while something is. */
	async refresh() {
		clearTimeout(this.#timer);
		this.#known = true;
		try {
			const armed = /** @type {Armed} */ (await request('GET', '/console/faults'));
			this.#label(armed);
			if (armed.faults) this.#timer = setTimeout(() => this.refresh(), 2000);
			return armed;
		} catch {
			this.#timer = setTimeout(() => this.refresh(), 5000);
			return undefined;
		}
	}

	/** @param {Armed} a */
	#label(a) {
		const label = `Faults of the API: ${sentence(a)}`;
		this.element.classList.toggle('armed', a.faults !== '');
		this.element.setAttribute('aria-label', label);
		this.element.title = `${label} (E)`;
	}
}

class Faults {
	#state = el('p', { class: 'armed-state', role: 'status' });
	#answer = select('faults-answer', answers);
	#slow = number('faults-slow', 'as usual', 0);
	#fail = /** @type {HTMLInputElement} */ (el('input', { id: 'faults-fail', type: 'checkbox' }));
	#calls = select('faults-calls', spans);
	#pipeline = /** @type {HTMLSelectElement} */ (el('select', { id: 'faults-pipeline' }));
	#seconds = number('faults-seconds', '', 1);
	#clear = button('close', 'Clear', { id: 'faults-clear', onclick: () => this.#put({ faults: '', calls: 0 }) });
	#error = el('p', { class: 'form-error', role: 'alert', hidden: true });
	#timer = 0;

	/** @param {FaultsButton} head */
	constructor(head) {
		this.head = head;
		this.#seconds.value = '10';
		const close = button('close', 'Close', { class: 'quiet icon-only', 'aria-label': 'Close' });
		const arm = button('bolt', 'Arm', { id: 'faults-arm', class: 'primary', onclick: () => this.#arm() });
		const lose = button('stop', 'Lose it', { id: 'faults-lose', class: 'danger', onclick: () => this.#lose() });
		const restart = button('loop', 'Bring it back', { id: 'faults-restart', onclick: () => this.#restart() });
		for (const c of head.store.channels.values()) {
			if (canStop(c)) c.pipelines.forEach((_, i) => this.#pipeline.append(el('option', { value: `${c.id} ${i}` }, `${c.name}, pipeline ${i}`)));
		}
		const none = !this.#pipeline.hasChildNodes();
		for (const control of [this.#pipeline, this.#seconds, lose, restart]) /** @type {any} */ (control).disabled = none;
		this.dialog = /** @type {HTMLDialogElement} */ (el('dialog', { class: 'prompt faults', 'aria-labelledby': 'faults-title' },
			el('div', { class: 'dialog-head' }, el('h2', { id: 'faults-title' }, 'Faults of the API'), close),
			el('p', {}, 'Calls of MediaLive’s API fail as you say, so that you see how your code handles it.'),
			this.#state, this.#error,
			el('div', { class: 'pair' },
				labelled('Calls are answered', this.#answer),
				labelled('Which calls', this.#calls)),
			el('div', { class: 'pair' },
				labelled('Seconds a change of state takes', this.#slow),
				el('label', { class: 'check' }, this.#fail, el('span', {}, 'Creations and updates fail'))),
			el('div', { class: 'dialog-end' }, this.#clear, arm),
			el('h3', {}, 'Lose a pipeline'),
			el('p', {}, none ? 'No channel is on air.' : 'It sends nothing, and the channel is RECOVERING.'),
			el('div', { class: 'pair' }, labelled('Pipeline', this.#pipeline), labelled('Seconds', this.#seconds)),
			el('div', { class: 'dialog-end' }, restart, lose)));
		close.addEventListener('click', () => this.dialog.close());
		this.dialog.addEventListener('close', () => clearTimeout(this.#timer));
		this.#watch();
	}

	/** Shows what is armed while the dialog is open. */
	async #watch() {
		const armed = await this.head.refresh();
		if (armed) this.#show(armed);
		if (this.dialog.isConnected) this.#timer = setTimeout(() => this.#watch(), 1000);
	}

	/** @param {Armed} a */
	#show(a) {
		setText(this.#state, sentence(a));
		this.#state.classList.toggle('armed', a.faults !== '');
		this.#clear.disabled = a.faults === '';
	}

	#arm() {
		const words = [this.#answer.value, this.#slow.value && this.#slow.value !== '0' ? `slow=${this.#slow.value}s` : '', this.#fail.checked ? 'fail' : ''];
		return this.#put({ faults: words.filter((w) => w).join(', '), calls: Number(this.#calls.value) });
	}

	/** @param {Armed} a */
	async #put(a) {
		try {
			this.#show(await request('PUT', '/console/faults', a));
			this.#fails('');
			this.head.refresh();
		} catch (err) {
			this.#fails(/** @type {Error} */ (err).message);
		}
	}

	/** Shows what is wrong, '' for nothing. @param {string} text */
	#fails(text) {
		setText(this.#error, text);
		this.#error.hidden = text === '';
	}

	#lose() {
		const [id, pipeline] = this.#pipeline.value.split(' ');
		return this.#change(`/console/channels/${encodeURIComponent(id)}/lose`, 'The pipeline is lost', { pipeline: Number(pipeline), seconds: Number(this.#seconds.value) });
	}

	#restart() {
		const [id] = this.#pipeline.value.split(' ');
		return this.#change(`/console/channels/${encodeURIComponent(id)}/restart`, 'The pipelines are restarting');
	}

	/** @param {string} path @param {string} done @param {any} [body] */
	async #change(path, done, body) {
		try {
			await request('POST', path, body);
			this.#fails('');
			toast(done);
		} catch (err) {
			this.#fails(/** @type {Error} */ (err).message);
		}
	}
}

/** @param {string} id @param {string[][]} options */
function select(id, options) {
	return /** @type {HTMLSelectElement} */ (el('select', { id }, options.map(([value, label]) => el('option', { value }, label))));
}

/** A field for seconds. @param {string} id @param {string} placeholder @param {number} min */
function number(id, placeholder, min) {
	return /** @type {HTMLInputElement} */ (el('input', { id, type: 'number', min, max: 3600, placeholder }));
}

/** @param {string} text @param {HTMLElement} control */
function labelled(text, control) {
	return el('div', { class: 'field' }, el('label', { for: control.id }, text), control);
}

// The progress of a lap as a ring.
import { setText, svg } from './dom.js';
import { brief } from './format.js';

/**
 * A ring that fills during a lap, with the lap's number in it. It is hidden from
 * assistive technology, since text beside it says the same.
 */
export class Ring {
	#arc = svg('circle', { class: 'ring-arc', cx: 32, cy: 32, r: 27, pathLength: 100, 'stroke-dasharray': '0 100', transform: 'rotate(-90 32 32)' });
	#knob = svg('circle', { class: 'ring-knob', cx: 32, cy: 5, r: 4 });
	#number = svg('text', { class: 'ring-number', x: 32, y: 37 });
	#key = '';
	element = svg('svg', { class: 'ring', viewBox: '0 0 64 64', 'aria-hidden': 'true' },
		svg('circle', { class: 'ring-track', cx: 32, cy: 32, r: 27 }), this.#arc, this.#knob, this.#number);

	/** @param {{lap: number, position: number, length: number}} at @param {boolean} on */
	draw(at, on) {
		const fraction = on && at.length ? Math.min(1, at.position / at.length) : 0;
		const key = `${on} ${fraction.toFixed(4)} ${at.lap}`;
		if (key === this.#key) return;
		this.#key = key;
		this.element.classList.toggle('off', !on);
		this.#arc.setAttribute('stroke-dasharray', `${(fraction * 100).toFixed(2)} 100`);
		this.#knob.setAttribute('transform', `rotate(${(fraction * 360).toFixed(2)} 32 32)`);
		const text = on ? brief(at.lap) : '';
		setText(this.#number, text);
		this.#number.setAttribute('font-size', String(text.length > 3 ? 13 : text.length > 2 ? 16 : 20));
	}
}

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/**
 * Calls draw twenty times a second, or once a second if the user prefers reduced
 * motion, while the page is visible. Returns a function that ends it.
 * @param {() => void} draw @returns {() => void}
 */
export function animate(draw) {
	let last = 0, handle = 0;
	const step = (/** @type {number} */ now) => {
		if (now - last >= (reducedMotion.matches ? 1000 : 50)) {
			last = now;
			draw();
		}
		handle = requestAnimationFrame(step);
	};
	handle = requestAnimationFrame(step);
	return () => cancelAnimationFrame(handle);
}

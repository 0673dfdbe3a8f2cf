package sched

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// ParseTrace reads the text of a trace. An error names the line and what is
// wanted there.
func ParseTrace(text []byte) (*Trace, error) {
	t := &Trace{}
	lines := strings.Split(string(text), "\n")
	switch first := strings.TrimSpace(lines[0]); first {
	case traceVersion:
	case "ravel trace 1":
		return nil, fmt.Errorf("sched: trace line 1: %q is an old format; delete the file and run the test again", first)
	default:
		return nil, fmt.Errorf("sched: trace line 1: %q, want %q", clip(lines[0], maxValue), traceVersion)
	}
	for i, line := range lines[1:] {
		if err := t.parseLine(strings.TrimSpace(line)); err != nil {
			return nil, fmt.Errorf("sched: trace line %d: %w", i+2, err)
		}
	}
	return t, nil
}

func (t *Trace) parseLine(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "":
		return nil
	case "test":
		t.Test = rest
		return nil
	case "finding":
		t.Finding = rest
		return nil
	case "note":
		t.Notes = append(t.Notes, rest)
		return nil
	case "seed":
		seed, err := strconv.ParseUint(strings.TrimSpace(rest), 10, 64)
		if err != nil {
			return fmt.Errorf("seed %q is not a number below 2^64", clip(rest, maxValue))
		}
		t.Seed = seed
		return nil
	case "input":
		return t.parseInput(rest)
	case "step":
		s, err := parseStep(rest)
		t.Steps = append(t.Steps, s)
		return err
	case "at":
		d, err := parseDeviation(rest)
		d.Done = len(t.Steps)
		t.Deviations = append(t.Deviations, d)
		return err
	}
	if strings.HasPrefix(word, "#") {
		return nil
	}
	return fmt.Errorf("%q, want test, finding, seed, input, note, at, step or a comment", clip(word, maxValue))
}

// parseInput reads what follows "input".
func (t *Trace) parseInput(text string) error {
	for _, word := range strings.Fields(text) {
		w, err := strconv.ParseUint(word, 16, 64)
		if err != nil {
			return fmt.Errorf("input %q is not a hexadecimal number below 2^64", clip(word, maxValue))
		}
		t.Input = append(t.Input, w)
	}
	return nil
}

// parseStep reads what follows "step".
func parseStep(text string) (s TraceStep, err error) {
	words, _, err := splitWords(text)
	if err != nil {
		return s, err
	}
	if len(words) < 2 {
		return s, fmt.Errorf("step %q, want a task and its operation, such as main.0 lock mu", clip(text, maxValue))
	}
	if _, err := PathKey(words[0]); err != nil {
		return s, err
	}
	s.Task = words[0]
	s.What, _, err = parsePoint(words[1:])
	return s, err
}

// parseDeviation reads what follows "at".
func parseDeviation(text string) (d Deviation, err error) {
	words, note, err := splitWords(text)
	if err != nil {
		return d, err
	}
	d.Note = note
	n := len(words)
	if n < 3 {
		return d, fmt.Errorf("at %q, want a task, its operation, a verb and a target, such as main.0 lock mu run main.1",
			clip(text, maxValue))
	}
	if _, err := PathKey(words[0]); err != nil {
		return d, err
	}
	d.At = words[0]
	if err := d.parseTarget(words[n-2], words[n-1]); err != nil {
		return d, err
	}
	return d, d.parseMoment(words[1 : n-2])
}

// parseMoment reads what stands between the task and the verb.
func (d *Deviation) parseMoment(words []string) (err error) {
	switch {
	case d.At == noTask && len(words) > 0:
		return fmt.Errorf("%q after %s, want run", clip(words[0], maxValue), noTask)
	case d.At == noTask:
		return nil
	case len(words) == 0:
		return fmt.Errorf("nothing that %s has come to, want an operation, such as lock mu", d.At)
	case len(words) == 1 && isNumber(words[0]):
		d.Op, _ = strconv.Atoi(words[0])
		return nil
	}
	d.What, d.Nth, err = parsePoint(words)
	return err
}

// parseTarget reads the verb and the target.
func (d *Deviation) parseTarget(verb, target string) (err error) {
	switch verb {
	case "run":
		d.To = target
		_, err = PathKey(d.To)
		return err
	case CaseChoice.String():
		d.Kind = CaseChoice
	case PartnerChoice.String():
		d.Kind = PartnerChoice
	default:
		return fmt.Errorf("%q, want run, case or partner", clip(verb, maxValue))
	}
	if d.Option, err = strconv.Atoi(target); err != nil || d.Option < 0 {
		return fmt.Errorf("option %q is not a number from 0", clip(target, maxValue))
	}
	return nil
}

// parsePoint reads an operation, perhaps an object, and perhaps the occurrence.
func parsePoint(words []string) (what string, nth int, err error) {
	nth = 1
	if last := words[len(words)-1]; len(words) > 1 && isOccurrence(last) {
		if nth, err = strconv.Atoi(last[1:]); err != nil || nth < 1 {
			return "", 0, fmt.Errorf("%q does not count from #1", clip(last, maxValue))
		}
		words = words[:len(words)-1]
	}
	if words[0] != wordEnd && !isOpWord(words[0]) {
		return "", 0, fmt.Errorf("%q is no operation, want one such as lock or write, end, or a number", clip(words[0], maxValue))
	}
	switch len(words) {
	case 1:
		return words[0], nth, nil
	case 2:
		object := words[1]
		if plain, err := strconv.Unquote(object); err == nil && isQuote(object[0]) {
			object = plain
		}
		return words[0] + " " + quoteWord(object), nth, nil
	}
	return "", 0, fmt.Errorf("%q after %s, want one object, in quotes if it has spaces", clip(strings.Join(words[1:], " "), maxValue), words[0])
}

// splitWords returns the words of a line, the quoted ones with their quotes,
// and the comment behind them.
func splitWords(text string) (words []string, comment string, err error) {
	for {
		text = strings.TrimSpace(text)
		if text == "" {
			return words, "", nil
		}
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		if isQuote(text[0]) {
			quoted, err := strconv.QuotedPrefix(text)
			if err != nil {
				return nil, "", fmt.Errorf("no closing quote in %q", clip(text, maxValue))
			}
			end = len(quoted)
		} else if text[0] == '#' && !isOccurrence(text[:end]) {
			return words, strings.TrimSpace(text[1:]), nil
		}
		words, text = append(words, text[:end]), text[end:]
	}
}

func isQuote(c byte) bool { return c == '"' || c == '`' }

// isOccurrence reports whether a word is # and digits.
func isOccurrence(word string) bool {
	digits, ok := strings.CutPrefix(word, "#")
	return ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}

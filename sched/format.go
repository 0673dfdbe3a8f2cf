package sched

import (
	"cmp"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxValue is how many runes of a value reports show.
const maxValue = 40

// Text is a value that reports show as it is, without quotes.
type Text string

// FormatValue returns a short text for a value that is the same in every
// process: no address appears in it, map entries are counted, not listed, and
// no method of the value is called but Error of an error.
func FormatValue(v any) string {
	if err, ok := v.(error); ok {
		if text, ok := errorText(err); ok {
			return clip(text, 4*maxValue)
		}
	}
	if s, ok := v.(Text); ok {
		return clip(string(s), 4*maxValue)
	}
	if s, ok := v.(string); ok {
		return clip(quote(s), 4*maxValue)
	}
	var b strings.Builder
	format(&b, reflect.ValueOf(v), 0)
	return clip(b.String(), maxValue)
}

// SortKeys sorts the keys of a map in an order that is the same in every process
// and schedule: by kind, numbers and strings by value, all else by the text that
// [FormatValue] returns. Keys of equal text stay in their order.
func SortKeys[K any](keys []K) {
	slices.SortStableFunc(keys, func(a, b K) int { return compareKeys(reflect.ValueOf(a), reflect.ValueOf(b)) })
}

func compareKeys(a, b reflect.Value) int {
	switch {
	case a.Kind() != b.Kind():
		return cmp.Compare(a.Kind(), b.Kind())
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case !a.IsValid():
		return 0
	}
	return cmp.Compare(FormatValue(a.Interface()), FormatValue(b.Interface()))
}

// errorText returns what an error says, unless it panics.
func errorText(err error) (text string, ok bool) {
	defer func() { _ = recover() }()
	return err.Error(), true
}

// quote quotes as much of s as reports show at most.
func quote(s string) string { return strconv.Quote(head(s, 4*maxValue)) }

// head returns the first runes of s, limit of them or some more.
func head(s string, limit int) string { return s[:min(len(s), limit*utf8.UTFMax)] }

func clip(s string, limit int) string {
	r := []rune(strings.ReplaceAll(head(s, limit+1), "\n", " "))
	if len(r) <= limit {
		return string(r)
	}
	return string(r[:limit-1]) + "…"
}

func format(b *strings.Builder, v reflect.Value, depth int) {
	if !v.IsValid() {
		b.WriteString("nil")
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		b.WriteString(strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		b.WriteString(strconv.FormatInt(v.Int(), 10))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		b.WriteString(strconv.FormatUint(v.Uint(), 10))
	case reflect.Float32, reflect.Float64:
		b.WriteString(strconv.FormatFloat(v.Float(), 'g', -1, 64))
	case reflect.Complex64, reflect.Complex128:
		b.WriteString(strconv.FormatComplex(v.Complex(), 'g', -1, 128))
	case reflect.String:
		b.WriteString(quote(v.String()))
	default:
		formatComposite(b, v, depth)
	}
}

func formatComposite(b *strings.Builder, v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice, reflect.Chan, reflect.Func:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
	}
	switch v.Kind() {
	case reflect.Interface:
		format(b, v.Elem(), depth)
	case reflect.Pointer:
		if depth > 1 {
			b.WriteString(v.Type().String())
			return
		}
		b.WriteByte('&')
		format(b, v.Elem(), depth+1)
	case reflect.Array, reflect.Slice:
		formatList(b, v.Len(), depth, "[", "]", func(i int) { format(b, v.Index(i), depth+1) })
	case reflect.Struct:
		formatList(b, v.NumField(), depth, "{", "}", func(i int) { format(b, v.Field(i), depth+1) })
	case reflect.Map:
		b.WriteString("map(" + itoa(v.Len()) + ")")
	default:
		b.WriteString(v.Type().String())
	}
}

// formatList writes up to eight elements.
func formatList(b *strings.Builder, n, depth int, open, end string, element func(i int)) {
	b.WriteString(open)
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		if i == 8 || depth > 2 {
			b.WriteString("…")
			break
		}
		element(i)
	}
	b.WriteString(end)
}

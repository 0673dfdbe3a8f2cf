package main

import "fmt"

type point struct{ x, y int }

type table map[string][]int

func key(s string) string { return s }

func fails() (int, error) { return 7, nil }

func maps() {
	m := map[string]int{}
	m["a"] = 1
	m["a"]++
	m["b"] += 2
	m[key("c")] = 3
	m["d"] = len(key("four"))
	m[key("d")]--
	m["e"] += len(key("five"))
	m["f"], m["g"] = m["a"], len(key("seven"))
	var err error
	m["h"], err = fails()
	m["i"], m["j"] = 1, 2
	v, ok := m["a"]
	_, no := m[key("zz")]
	if w, ok := m[key("a")]; ok {
		fmt.Println(w)
	}
	var x, xok = m["b"]
	var named yes
	_, named = m["b"]
	fmt.Println(len(m), v, ok, no, x, xok, named, err, m)
	delete(m, "a")
	delete(m, key("b"))
	nested := map[string]map[int]point{"n": {}}
	nested["n"][1] = point{1, 2}
	nested[key("n")][2] = point{y: nested["n"][1].x}
	fmt.Println(nested, nested["n"][2].y, nested["none"][1])
	t := table{}
	t["a"] = append(t["a"], 1, 2)
	t["a"][0] = 5
	t["a"][1]++
	fmt.Println(t["a"], len(t["a"]), t["a"][len(t["b"]):])
	funcs := map[string]func(int) int{"f": func(x int) int { return x + 1 }}
	fmt.Println(funcs["f"](1))
	if f := funcs[key("g")]; f == nil {
		fmt.Println("nil")
	}
	pointers := map[string]*point{"p": {}}
	pointers["p"].x = 4
	pointers[key("p")].y++
	fmt.Println(*pointers["p"], *(pointers)["p"])
	arrays := map[string][3]int{}
	const size = len([2]int{})
	fmt.Println(size, len(arrays["a"]), arrays["a"][1])
	for i := 0; i < 2; m["loop"]++ {
		i++
	}
	if m["init"] = 5; m["init"] == 5 {
		fmt.Println(m["loop"])
	}
	var i any = m
	i.(map[string]int)["x"] = 1
	anys := map[any]string{1: "one", "s": "two"}
	anys[nil] = "three"
	fmt.Println(anys[1], anys["s"], anys[nil], anys[2] == "")
	delete(anys, 1)
	clear(m)
	dst := make([]byte, 3)
	n := copy(dst, "abcd")
	copy(dst[1:], dst)
	fmt.Println(n, string(dst), len(m), copy([]point{{}}, []point{{1, 2}}))
	ch := make(chan int, 2)
	ch <- 3
	ch <- 4
	m["recv"] = <-ch
	m["recv2"], ok = <-ch
	bools := map[int]bool{}
	bools[1] = key("a") == "a"
	type B bool
	named2 := map[int]B{}
	named2[1] = key("a") == "a"
	fmt.Println(m, bools, named2)
	switch m["recv"] {
	case m["recv2"] - 1:
		fmt.Println("equal")
	}
	var none map[string]int
	defer func() { fmt.Println(recover()) }()
	fmt.Println(none["x"], len(none))
	none["x"] = 1
}

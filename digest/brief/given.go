package brief

import "strings"

// gender is what is known of a person's gender.
type gender int8

const (
	unknown gender = iota
	female
	male
)

// The lists below are read only.
var (
	// women are given names that women bear.
	women = set(`abby abigail ada adele adriana aisha alba alejandra alexandra alexandria alice alicia alison allison alyssa amal amanda amber amelia amina amy ana anastasia andrea angela angelina anita ann anna anne annette annie
		antonia april ariana ashley astrid audrey ava barbara beatrice becky bella bernadette beth betty beverly birgit bonnie brandi brenda bridget brigitte britney brittany brooke caitlin caitlyn camilla camille carla carly carmen carol carolina
		caroline carolyn carrie catherine cathy cecilia celia celine charlotte chelsea cheryl chloe christiane christina christine cindy claire clara claudia colleen condoleezza connie constance courtney cristina crystal cynthia
		daisy dana danielle darlene dawn deanna debbie deborah debra delia denise diana diane dianne dolores donna dora doris dorothy edith eileen elaine eleanor elena elisabeth elise elizabeth ella ellen elsa emily emma erica erika erin
		esther ethel eva eve evelyn faith fatima felicia fiona florence frances francesca gabriela gabrielle gail gemma georgia geraldine gertrude gina ginni giorgia gladys gloria grace greta gretchen gwen hannah harriet hazel heather heidi helen
		helena helene hilary hillary holly hope ida ilse ines ingrid irene iris isabel isabella ivanka ivy jacinda jackie jacqueline jamila jane janet janice jasmine jean jeanette jeanne jen jenna jennifer jenny jessica jill jo joan joanna joanne
		jocelyn josephine joy joyce juanita judith judy julia juliana julie juliet june kamala karen karin karine kate katherine kathleen kathryn kathy katie katrina kayla kayleigh keisha kelly kerry kirsten kristen kristi kristin kristina kyrsten lara laura
		lauren laurie leah lena leslie leticia lidia lillian lily linda lindsay lindsey lisa liz liza lois loretta lori lorraine louise lucia lucille lucy luisa lydia lynn lynne mackenzie madeleine madeline mae maggie malala marcia margaret margarita
		margo margot maria mariah marian marianne marie marina marissa marjorie marlene marsha martha martina mary maryam mathilde maureen mavis maxine maya mazie meg megan meghan melania melanie melinda melissa mercedes meredith mia michele michelle mildred
		mindy miranda miriam moira molly mona monica monique muriel myra nadia nadine nancy naomi natalia natalie natasha nicola nicole nina noelle nora norma octavia olga olivia paige pamela patricia patty paula paulina pauline pearl peggy penelope
		penny petra phyllis priscilla priyanka rachel ramona rebecca regina renee rhonda rita roberta robin rochelle ronna rosa rosalind rose rosemary roxanne ruby ruth sabine sabrina sally samantha sandra sara sarah savannah scarlett selena serena shannon
		sharon sheila shelby shelley sherry sheryl shirley silvia simone sofia sonia sonya sophia sophie stacey stacy stefanie stella stephanie sue summer susan susanna susanne suzanne sylvia tamara tammy tanya tara tatiana teresa tess theresa tiffany tina
		toni tonya tracey tracy tricia trisha ulrike ursula valerie vanessa vera veronica vicki vicky victoria viola violet virginia vivian wanda wendy whitney wilma winnie yolanda yvette yvonne zoe`)
	// men are given names that men bear.
	men = set(`aaron abdel abdul abdullah abraham adam adrian ahmad ahmed al alan alastair albert alejandro alexander alexei alfred ali allan allen alvin amir anders andre andreas andrew andy angus anthony anton antonio antony arnold arthur asif axel barack
		barry bart bashar ben benedict benjamin bernard bernd bernie bill billy bjorn bob bobby boris brad bradley brandon brendan brent brett brian bruce bruno bryan byron calvin carl carlos cameron cecil cesar charles charlie chad chris christian christoph christopher
		chuck clarence claude clay cliff clint clive clyde cody colin conor conrad craig curt curtis dale dan daniel danny darrell darren dave david dean dennis derek derrick dick diego dieter dimitri dirk dmitry dominic don donald doug douglas drew duane dwayne dwight dylan
		earl ed eddie edgar edmund eduardo edward edwin eli elias elijah elon emmanuel eric erik ernest ernie ethan eugene evan felipe felix fernando floyd francisco francois frank franklin fred frederick gareth garrett gary gavin gene geoff geoffrey george gerald gerard
		gerhard giles giovanni giuseppe glen glenn gordon graham grant greg gregory guillermo gus guy hakim hamid hank hans harold harry harvey hassan hector heinz helmut henry herbert herman horst howard hugh hugo hussein ian ibrahim igor imran isaac ismail ivan jack jacob jacques
		jaime jake jakob james jared jason javier jay jeb jeff jeffrey jens jeremy jerome jerry jesse jesus jim jimmy joachim joaquin joe joel johannes john johnny jon jonathan jorge jose joseph josh joshua juan julian julio justin kareem karl keith ken kenneth kevin khalid klaus kurt kyle lamar
		lance larry lars laurence lawrence lee leo leon leonard leonid leroy lewis liam lionel lloyd logan lorenzo lou louis lucas luigi luis lukas luke mahmoud malcolm manuel marc marcel marco marcus mario mark markus marshall martin marty marvin mateo mathias matt matteo matthew maurice max maxim
		melvin michael michel miguel mike mikhail milton mitch mitchell mitt mohamed mohammad mohammed moses muhammad mustafa narendra nathan nathaniel neil nelson newt nicholas nick nicolas nigel nikolai noah noel norman oleg oliver olivier omar oscar otto owen pablo paolo pascal
		patrick paul pavel pedro perry pete peter phil philip philippe pierre prince quentin rafael rahm ralph ramon rand randall randy rashid raul ray raymond reggie reinhard rene rex ricardo richard rick ricky rob robert roberto rodney rodrigo roger roland rolf roman ron ronald ronnie ross
		roy rudolf rudolph rudy rupert russell ryan sajid salman sam samuel santiago scott sean sebastian sergei sergey sergio seth shane shaun shawn sidney silvio simon stanley stefan stephen sterling steve steven stewart stuart sven tariq ted terence terrence terry theo theodore thomas tim timothy toby
		todd tom tommy tony travis trent trevor tucker tyler tyrone umar vernon victor vincent viktor vladimir volodymyr wade wallace walter warren wayne werner wilfred william wolfgang xavier yusuf zachary`)
	ladies    = set("mrs ms miss madam lady dame actress queen princess congresswoman spokeswoman chairwoman businesswoman councilwoman widow mother wife daughter sister aunt grandmother duchess frau madame")
	gentlemen = set("mr sir lord king prince congressman spokesman chairman businessman councilman assemblyman alderman father husband son brother uncle grandfather duke herr monsieur pope")
)

// gender returns the gender that a name, with the role before it, tells.
func (m mention) gender() gender {
	for w := range strings.FieldsSeq(strings.ToLower(m.role + " " + m.address)) {
		switch w = strings.Trim(w, ".,"); {
		case ladies[w]:
			return female
		case gentlemen[w]:
			return male
		}
	}
	if m.words() < 2 {
		return unknown
	}
	first, _, _ := strings.Cut(strings.ToLower(m.name), " ")
	first, _, _ = strings.Cut(first, "-")
	switch {
	case women[first] && !men[first]:
		return female
	case men[first] && !women[first]:
		return male
	}
	return unknown
}

// known says whether the first word of a name is a given name.
func (m mention) known() bool {
	first, _, _ := strings.Cut(strings.ToLower(m.name), " ")
	first, _, _ = strings.Cut(first, "-")
	return women[first] || men[first]
}

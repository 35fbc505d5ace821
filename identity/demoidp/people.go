package demoidp

import (
	_ "embed"
	"encoding/json"
	"fmt"
)

// Person is somebody who can log in. The names of the JSON fields are those of VNeID's claims as seen in code
// of portals that use it; which of them the real service sends to whom is agreed with it.
type Person struct {
	Subject string `json:"sub"`
	// who this is, by language; shown on the login page only
	Role        map[string]string `json:"role,omitempty"`
	AccountType string            `json:"LoaiTaiKhoan"`     // "1" a person, "2" an organisation
	Number      string            `json:"SoDinhDanh"`       // personal identity number, 12 digits
	Name        string            `json:"HoVaTen"`          // full name
	Born        string            `json:"NgayThangNamSinh"` // yyyyMMdd
	Gender      string            `json:"GioiTinh"`         // "Nam" or "Nữ"
	Phone       string            `json:"SoDienThoai"`
	Email       string            `json:"ThuDienTu"`
	Address     string            `json:"DiaChi"`
	TechID      string            `json:"TechID"`
	// level of the electronic identification account, "1" or "2"
	LevelOfAccount   string `json:"loAs"`
	Assurance        string `json:"IAL"` // identity assurance level
	TaxCode          string `json:"MaSoThue,omitempty"`
	BusinessCode     string `json:"MaSoDoanhNghiep,omitempty"`
	OrganisationName string `json:"TenDoanhNghiep,omitempty"`
}

//go:embed data/people.json
var peopleJSON []byte

// DefaultPeople are the invented people of the demonstration.
func DefaultPeople() ([]Person, error) {
	var people []Person
	if err := json.Unmarshal(peopleJSON, &people); err != nil {
		return nil, fmt.Errorf("demoidp: people.json: %w", err)
	}
	return people, nil
}

// inIDToken are the claims that the id_token itself carries. Who somebody is comes from userinfo alone:
// an id_token travels in the address of the logout and must not name anybody.
var inIDToken = []string{"LoaiTaiKhoan", "loAs", "IAL"}

// claims are all that userinfo tells of a person beside "sub".
func (p Person) claims() (map[string]any, error) {
	raw, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("demoidp: claims of %s: %w", p.Subject, err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		return nil, fmt.Errorf("demoidp: claims of %s: %w", p.Subject, err)
	}
	delete(claims, "sub")
	delete(claims, "role")
	return claims, nil
}

// claimNames are those that the discovery document announces.
func claimNames() []string {
	return []string{
		"sub", "aud", "exp", "iat", "iss", "auth_time", "nonce", "at_hash",
		"LoaiTaiKhoan", "SoDinhDanh", "HoVaTen", "NgayThangNamSinh", "GioiTinh", "SoDienThoai", "ThuDienTu",
		"DiaChi", "TechID", "loAs", "IAL", "MaSoThue", "MaSoDoanhNghiep", "TenDoanhNghiep",
	}
}

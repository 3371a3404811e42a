import Crypto
import Foundation
import HSXHAL
import HSXProtocol
import Testing

@testable import HSXServer

@Suite("Who is let in")
struct AccessControlTests {
  private static let peer = Peer(kind: .network, address: "192.0.2.1")

  private static func token(_ text: String, _ role: Role) -> Token {
    Token(name: text, role: role, sha256: Array(SHA256.hash(data: Data(text.utf8))))
  }

  private var control: AccessControl {
    AccessControl(tokens: [Self.token("reads", .observer), Self.token("rules", .admin)])
  }

  private static func time(_ seconds: UInt64) -> Instant { Instant(microseconds: seconds * 1_000_000) }

  @Test("A token gives its role; another, an empty one, and none give nothing")
  func roles() {
    var control = control
    #expect(control.admit("reads", from: Self.peer, now: .zero) == .admitted(.observer))
    #expect(control.admit("rules", from: Self.peer, now: .zero) == .admitted(.admin))
    #expect(control.admit("rules ", from: Self.peer, now: .zero) == .refused)
    #expect(control.admit("", from: Self.peer, now: .zero) == .refused)
    #expect(control.admit(nil, from: Self.peer, now: .zero) == .missing)
  }

  @Test("Without tokens this machine's callers are admin, the network's are nobody")
  func open() {
    var control = AccessControl(tokens: [])
    let local = Peer(kind: .loopback, address: "127.0.0.1")
    #expect(control.admit(nil, from: local, now: .zero) == .admitted(.admin))
    #expect(control.admit("any", from: Peer(kind: .unix, address: ""), now: .zero) == .admitted(.admin))
    #expect(control.admit("any", from: Self.peer, now: .zero) == .missing)
    #expect(control.roleWithoutToken(Self.peer) == nil)
  }

  @Test("With tokens not even the Unix socket is let in without one")
  func tokensForAll() {
    #expect(control.roleWithoutToken(Peer(kind: .unix, address: "")) == nil)
  }

  @Test(
    "After five wrong tokens in a minute a right one must wait too, and only from that peer, and only so long"
  )
  func backOff() {
    var control = control
    for second in 1...5 {
      #expect(control.admit("guess", from: Self.peer, now: Self.time(UInt64(second))) == .refused)
    }
    guard case .mustWait(let seconds) = control.admit("rules", from: Self.peer, now: Self.time(10)) else {
      Issue.record("a sixth token was looked at")
      return
    }
    #expect((51...52).contains(seconds))
    let other = Peer(kind: .network, address: "192.0.2.2")
    #expect(control.admit("rules", from: other, now: Self.time(10)) == .admitted(.admin))
    #expect(control.admit("rules", from: Self.peer, now: Self.time(10 + seconds)) == .admitted(.admin))
  }

  @Test("Four wrong ones and a right one begin anew")
  func forgives() {
    var control = control
    for _ in 0..<3 {
      for _ in 0..<4 { #expect(control.admit("guess", from: Self.peer, now: Self.time(1)) == .refused) }
      #expect(control.admit("reads", from: Self.peer, now: Self.time(1)) == .admitted(.observer))
    }
  }

  @Test("As many other peers as are remembered do not make one forgotten that must wait")
  func bounded() {
    var control = control
    for _ in 0..<5 { _ = control.admit("guess", from: Self.peer, now: Self.time(2)) }
    for number in 0..<1023 {
      let peer = Peer(kind: .network, address: "10.0.\(number / 256).\(number % 256)")
      #expect(control.admit("guess", from: peer, now: Self.time(3)) == .refused)
    }
    guard case .mustWait = control.admit("rules", from: Self.peer, now: Self.time(4)) else {
      Issue.record("the guesser was forgotten")
      return
    }
  }
}

import HSXClient
import Testing

@Suite struct EndpointTests {
  private func endpoint(
    _ environment: [String: String] = [:], sockets: [String] = [],
    _ change: (inout EndpointChoice) -> Void = { _ in }
  ) -> Endpoint {
    var choice = EndpointChoice()
    change(&choice)
    return choice.endpoint(environment: environment) { sockets.contains($0) }
  }

  @Test("without anything told it is the port of this machine")
  func standard() {
    #expect(endpoint() == .tcp(host: "127.0.0.1", port: 9998))
    #expect(endpoint(["HSX_SOCKET": "", "XDG_RUNTIME_DIR": ""]) == .tcp(host: "127.0.0.1", port: 9998))
  }

  @Test("a socket at one of the usual places goes before the port, the user's own before the system's")
  func usualSockets() {
    let user = ["XDG_RUNTIME_DIR": "/run/user/7"]
    let both = ["/run/user/7/hsxd.sock", "/run/hsxd.sock"]
    #expect(endpoint(user, sockets: both) == .unix(path: both[0]))
    #expect(endpoint(sockets: both) == .unix(path: both[1]))
    #expect(endpoint(user, sockets: [both[1]]) == .unix(path: both[1]))
    #expect(endpoint(user) == .tcp(host: "127.0.0.1", port: 9998))
  }

  @Test("the environment's socket goes before the usual places, whether there is something or not")
  func environmentSocket() {
    #expect(endpoint(["HSX_SOCKET": "/tmp/x"], sockets: ["/run/hsxd.sock"]) == .unix(path: "/tmp/x"))
  }

  @Test("what is told goes before everything else")
  func told() {
    let environment = ["HSX_SOCKET": "/tmp/x", "HSX_TLS_CA": ""]
    #expect(endpoint(environment) { $0.socket = "/tmp/y" } == .unix(path: "/tmp/y"))
    #expect(endpoint(environment) { $0.port = 7 } == .tcp(host: "127.0.0.1", port: 7))
    #expect(endpoint(environment) { $0.host = "::1" } == .tcp(host: "::1", port: 9998))
    #expect(endpoint(environment) { $0.host = "::1" }.description == "[::1]:9998")
  }

  @Test("a file of authorities, told or from the environment, encrypts a port and no socket")
  func encryption() {
    let tls = TransportSecurity(authorities: "ca.pem")
    #expect(
      endpoint { $0.authorities = "ca.pem" } == .tcp(host: "127.0.0.1", port: 9998, tls: tls))
    #expect(
      endpoint(["HSX_TLS_CA": "ca.pem"]) { $0.host = "node" } == .tcp(host: "node", port: 9998, tls: tls))
    #expect(endpoint(["HSX_TLS_CA": "ca.pem", "HSX_SOCKET": "/s"]) == .unix(path: "/s"))
    #expect(
      endpoint {
        $0.isEncrypted = true
        $0.serverName = "n"
      } == .tcp(host: "127.0.0.1", port: 9998, tls: TransportSecurity(serverName: "n")))
  }
}

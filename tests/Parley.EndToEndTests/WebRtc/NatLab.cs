using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Parley.EndToEndTests.Cli;
using Parley.Testing;

namespace Parley.EndToEndTests.WebRtc;

/// <summary>Two agents in network namespaces of their own, each behind a router of its own that masquerades, and a third namespace, the internet, with a hub and a relay.</summary>
/// <remarks>
/// <code>
/// agent-a 10.1.0.2 -- 10.1.0.1 router 198.51.100.2 -- internet: hub 192.0.2.1, relay 192.0.2.2 -- 203.0.113.2 router 10.2.0.1 -- 10.2.0.2 agent-b
/// </code>
/// Linux keeps the port of a flow while it is free, for every destination (cone), or draws another for each destination (symmetric); it lets in answers alone.
/// The internet has no route to private addresses, so coturn ends an allocation that is told to send to one.
/// </remarks>
internal sealed class NatLab : IAsyncDisposable
{
    private const string Prefix = "ply";
    private const string HubAddress = "192.0.2.1";
    private const string RelayAddress = "192.0.2.2";

    private static int _count;
    private static readonly Lazy<Task> _swept = new(SweepAsync);

    private readonly TempFolder _folder = new();
    private readonly List<RealProcess> _processes = [];
    private readonly string _prefix = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";

    private NatLab()
    {
    }

    /// <summary>Where the relay is, for <c>--ice-server</c>; it answers STUN too.</summary>
    public static string RelayPlace => $"{RelayAddress}:3478";

    /// <summary>The same over TLS.</summary>
    public static string TlsRelayPlace => $"{RelayAddress}:5349";

    /// <summary>What relays are told, in the environment of a command.</summary>
    public static Dictionary<string, string?> Secret { get; } = new() { ["PARLEY_ICE_SECRET"] = "agent:correct horse" };

    private string Internet => _prefix + "i";

    /// <summary>Builds it, or skips the test where that cannot be done.</summary>
    /// <param name="isSymmetricA">Agent a's router draws a port for each destination.</param>
    /// <param name="isSymmetricB">Agent b's does.</param>
    /// <param name="letsUdpOut">Whether their routers let datagrams out; a network of an office often does not.</param>
    public static async Task<NatLab> StartAsync(bool isSymmetricA, bool isSymmetricB, bool letsUdpOut = true)
    {
        Requires.Root();
        Requires.Program("ip");
        Requires.Program("nft");
        await _swept.Value;
        var lab = new NatLab();
        try
        {
            await lab.BuildAsync(isSymmetricA, isSymmetricB, letsUdpOut);
            await lab.StartHubAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Removes what runs left that were killed: namespaces whose test process is gone, and whatever still runs in them.</summary>
    public static async Task SweepAsync()
    {
        var names = (await RealProcess.RunAsync("ip", ["netns", "list"])).Output.Split('\n').Select(static line => line.Split(' ')[0]);
        foreach (var name in names.Where(IsLeft))
        {
            foreach (var pid in (await RealProcess.RunAsync("ip", ["netns", "pids", name])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                await RealProcess.RunAsync("kill", ["-9", pid]);
            }

            await RealProcess.RunAsync("ip", ["netns", "delete", name]);
        }
    }

    private static bool IsLeft(string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name[Prefix.Length..].Split('-') is [var pid, _] && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        && !Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}"));

    /// <summary>A place in a folder that is gone after the test.</summary>
    public string PathOf(string name) => _folder.PathOf(name);

    /// <summary>Starts a command of an agent, <c>a</c> or <c>b</c>, in its namespace.</summary>
    public RealProcess Start(string agent, params string[] arguments) => StartIn(_prefix + agent, ParleyProgram.FullPath, arguments, EnvironmentOf(agent));

    /// <summary>Runs one to its end.</summary>
    public async Task<ProcessOutcome> RunAsync(string agent, params string[] arguments)
    {
        var process = Start(agent, arguments);
        return new ProcessOutcome(await process.WaitForExitAsync(), process.Output, process.Error);
    }

    /// <summary>Starts the relay, which is a STUN server too and speaks TLS with a certificate that the agents take; skips the test where there is none.</summary>
    public async Task StartRelayAsync()
    {
        var (certificate, key) = await MakeCertificateAsync();
        var relay = StartIn(
            Internet,
            Requires.Program("turnserver"),
            [
                "-n", "--no-dtls", "--cert", certificate, "--pkey", key, "--tls-listening-port", "5349", "--no-cli", "--lt-cred-mech", "--simple-log", "--log-file", "stdout", "--listening-ip", RelayAddress, "--relay-ip", RelayAddress, "--listening-port", "3478",
                "--realm", "parley.test", "--user", "agent:correct horse", "--userdb", PathOf("turndb"), "--pidfile", PathOf("turnpid"),
            ],
            new Dictionary<string, string?>());
        await relay.WaitForOutputAsync("SQLite DB connection success");
    }

    /// <summary>Pulls the cable between an agent's router and the internet, or plugs it in again.</summary>
    public Task CableAsync(string agent, bool isIn) => IpAsync("-n", _prefix + "r" + agent, "link", "set", "wan", isIn ? "up" : "down");

    /// <summary>Adds the way out again, which the kernel drops with the cable.</summary>
    public Task RouteAsync(string agent) => IpAsync("-n", _prefix + "r" + agent, "route", "replace", "default", "via", agent == "a" ? "198.51.100.1" : "203.0.113.1");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }

        foreach (var name in new[] { "a", "b", "ra", "rb", "i" })
        {
            await RealProcess.RunAsync("ip", ["netns", "delete", _prefix + name]);
        }

        _folder.Dispose();
    }

    private static async Task IpAsync(params string[] arguments)
    {
        var outcome = await RealProcess.RunAsync("ip", arguments);
        if (outcome.ExitCode != 0)
        {
            Assert.Skip($"ip {string.Join(' ', arguments)}: {outcome.Error.Trim()}");
        }
    }

    private async Task BuildAsync(bool isSymmetricA, bool isSymmetricB, bool letsUdpOut)
    {
        foreach (var name in new[] { "a", "b", "ra", "rb", "i" })
        {
            await IpAsync("netns", "add", _prefix + name);
            await IpAsync("-n", _prefix + name, "link", "set", "lo", "up");
        }

        foreach (var address in new[] { HubAddress, RelayAddress })
        {
            await IpAsync("-n", Internet, "address", "add", address + "/32", "dev", "lo");
        }

        await RunInAsync(Internet, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        await ConnectAsync("a", "10.1.0", "198.51.100", isSymmetricA, letsUdpOut);
        await ConnectAsync("b", "10.2.0", "203.0.113", isSymmetricB, letsUdpOut);
    }

    private async Task ConnectAsync(string agent, string inside, string outside, bool isSymmetric, bool letsUdpOut)
    {
        var (host, router) = (_prefix + agent, _prefix + "r" + agent);
        await IpAsync("link", "add", "lan", "netns", host, "type", "veth", "peer", "name", "lan", "netns", router);
        await IpAsync("link", "add", "wan", "netns", router, "type", "veth", "peer", "name", "wan" + agent, "netns", Internet);
        foreach (var (place, device, address) in new[] { (host, "lan", inside + ".2/24"), (router, "lan", inside + ".1/24"), (router, "wan", outside + ".2/24"), (Internet, "wan" + agent, outside + ".1/24") })
        {
            await IpAsync("-n", place, "address", "add", address, "dev", device);
            await IpAsync("-n", place, "link", "set", device, "up");
        }

        await IpAsync("-n", host, "route", "add", "default", "via", inside + ".1");
        await IpAsync("-n", router, "route", "add", "default", "via", outside + ".1");
        await RunInAsync(router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        // What comes unasked is dropped before the router remembers it: else it would take the port that an answer needs.
        await RunInAsync(
            router,
            "nft",
            $$"""
            table ip nat {
              chain out {
                type nat hook postrouting priority 100;
                oifname "wan" masquerade {{(isSymmetric ? "random,fully-random" : string.Empty)}}
              }
            }
            table ip filter {
              chain in {
                type filter hook input priority 0;
                iifname "wan" drop
              }
              chain pass {
                type filter hook forward priority 0;
                iifname "wan" ct state new drop
                {{(letsUdpOut ? string.Empty : "meta l4proto udp drop")}}
              }
            }
            """);
    }

    private async Task StartHubAsync()
    {
        var hub = StartIn(
            Internet,
            ParleyProgram.FullPath,
            ["hub", "--data", PathOf("data"), "--listen", $"https://{HubAddress}:7420", "--tls", "self", "--stun-port", "3478"],
            EnvironmentOf("operator"));
        await hub.WaitForErrorAsync("ready http");
        foreach (var agent in new[] { "a", "b" })
        {
            var admin = StartIn(Internet, ParleyProgram.FullPath, ["admin", "--data", PathOf("data"), "tokens", "create"], EnvironmentOf("operator"));
            await admin.WaitForExitAsync();
            var joined = await RunAsync(agent, "join", admin.Output.Trim(), "--name", "agent-" + agent);
            Assert.True(joined.ExitCode == 0, $"{admin.Error} {joined.Error}");
        }
    }

    private static async Task RunInAsync(string place, string program, params string[] arguments)
    {
        var outcome = await RealProcess.RunAsync("ip", ["netns", "exec", place, program, .. arguments]);
        if (outcome.ExitCode != 0)
        {
            Assert.Skip($"{program} in a namespace: {outcome.Error.Trim()}");
        }
    }

    private async Task<(string Certificate, string Key)> MakeCertificateAsync()
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=relay", pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(RelayAddress));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(Authority, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(PathOf("relay.key"), pair.ExportPkcs8PrivateKeyPem());
        return (Authority, PathOf("relay.key"));
    }

    private string Authority => PathOf("relay.pem");

    private Dictionary<string, string?> EnvironmentOf(string who)
    {
        var environment = new Dictionary<string, string?>(Secret) { ["PARLEY_HOME"] = PathOf(who), ["PARLEY_LOG"] = null };
        if (File.Exists(Authority))
        {
            // Whom this machine trusts, as far as OpenSSL is asked.
            environment["SSL_CERT_FILE"] = Authority;
        }

        return environment;
    }

    private RealProcess StartIn(string place, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var process = RealProcess.Start("ip", ["netns", "exec", place, program, .. arguments], environment);
        _processes.Add(process);
        return process;
    }
}

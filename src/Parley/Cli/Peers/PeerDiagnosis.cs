using System.Net.Sockets;
using Parley.Client.Config;
using Parley.Client.PeerApi;
using Parley.Client.PeerApi.Asking;
using Parley.Client.PeerApi.Entries;
using Parley.Client.PeerApi.Rotation;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Cli.Peers;

/// <summary>The checks of <c>parley peer doctor</c>: first this home, then each peer from the wire upward.</summary>
internal sealed class PeerDiagnosis(CommandContext context)
{
    // A token may be five seconds ahead of the other side's clock, and sixty behind.
    private static readonly TimeSpan _clockTolerance = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _soon = TimeSpan.FromDays(30);

    // What the reader says of a wrong member of self.
    private const string OwnProblem = "self: ";

    private readonly List<PeerFinding> _findings = [];

    /// <summary>Runs them.</summary>
    public async Task<IReadOnlyList<PeerFinding>> RunAsync(CancellationToken cancellationToken)
    {
        if (OpenHome() is not { } home)
        {
            return _findings;
        }

        CheckCertificate(home);
        if (ReadPeers(home) is { } self)
        {
            await CheckServerAsync(home, cancellationToken);
            var (seen, rotated) = (new PeerSightings(home, context.Time), KeyRotation.LastOf(home, self));
            foreach (var peer in self.Peers.Values.OrderBy(peer => peer.Name, StringComparer.Ordinal))
            {
                CheckProfile(peer);
                if (await CheckPeerAsync(self, peer, cancellationToken))
                {
                    seen.Note(peer.Name);
                }
                else if (rotated is { } at && !(seen.Of(peer.Name) > at))
                {
                    Add($"{peer.Name}: new keys", PeerFinding.Warn, $"this home rotated its keys at {at:u}, and has not heard of {peer.Name} since, which may know the old ones only", NewKeysMend(peer));
                }
            }
        }

        return _findings;
    }

    private HomeFolder? OpenHome()
    {
        try
        {
            return context.OpenHome();
        }
        catch (ParleyException refusal)
        {
            Add("home", PeerFinding.Fail, refusal.Message);
            return null;
        }
    }

    private PeerDirectory? ReadPeers(HomeFolder home)
    {
        try
        {
            var self = PeerHome.FileOf(context, home).Load();
            Add("peers.json", PeerFinding.Ok, $"this home is {self.Name} and knows {self.Peers.Count} peers");
            CheckFile(home, self);

            return self;
        }
        catch (ParleyException refusal)
        {
            Add("peers.json", PeerFinding.Fail, refusal.Message, refusal.Code switch
            {
                ErrorCode.NotFound => "parley peer init --name NAME",
                ErrorCode.FileDamaged => $"edit {home.PathOf(PeersFile.Name)}. Without a copy: mv it away, parley peer init --name NAME with the old name, and parley peer add FILE for every peer; keys and certificate stay",
                _ => null,
            });
            return null;
        }
    }

    private void CheckFile(HomeFolder home, PeerDirectory self)
    {
        var path = home.PathOf(PeersFile.Name);
        if (new FileInfo(path).LinkTarget is not null)
        {
            Add("peers.json", PeerFinding.Warn, "it is a symbolic link: it is read, but neither new peers nor the new keys of known ones can be written", $"put the file itself at {path}");
        }

        foreach (var problem in self.Problems.Where(problem => !problem.StartsWith(OwnProblem, StringComparison.Ordinal)))
        {
            Add("peers.json", PeerFinding.Fail, problem, $"edit {path}, or take a new export: parley peer add FILE --replace");
        }

        var own = self.Problems.FirstOrDefault(problem => problem.StartsWith(OwnProblem, StringComparison.Ordinal));
        if (own is not null)
        {
            Add("signing key", PeerFinding.Fail, $"{own}; nothing can be asked", $"correct self in {path}, or restore the key's file from a copy. If it is lost: parley peer init --name NAME in a new home, and a new export for every peer");
        }
        else if (self.SigningKey is null)
        {
            Add("signing key", PeerFinding.Fail, "self.signingKey is missing: nothing can be asked", $"set it in {path} to {{{{file.identity.key}}}}");
        }
    }

    private void CheckCertificate(HomeFolder home)
    {
        try
        {
            var rotation = new KeyRotation(home, context.Time);
            using var identity = rotation.Current().Load();
            var left = identity.Certificate.NotAfter - context.Time.GetUtcNow();
            Add("certificate", left < _soon ? PeerFinding.Warn : PeerFinding.Ok, $"{CertificatePin.Of(identity.Certificate)}, until {identity.Certificate.NotAfter:yyyy-MM-dd}", left < _soon ? "parley peer rotate" : null);
            if (rotation.Pending() is { } pending)
            {
                Add("rotation", PeerFinding.Ok, $"under way until {DateTimeOffset.FromUnixTimeSeconds(pending.Until):u}");
            }
        }
        catch (ParleyException refusal)
        {
            Add("certificate", PeerFinding.Fail, refusal.Message, refusal.Code == ErrorCode.NotFound ? "parley peer init --name NAME" : null);
        }
    }

    private async Task CheckServerAsync(HomeFolder home, CancellationToken cancellationToken)
    {
        // Whoever serves holds the lock; where it listens only it knows.
        using var held = home.TryLock(PeerServeCommand.LockName);
        if (held is null)
        {
            Add("serve", PeerFinding.Ok, "parley peer serve runs with this home");
            return;
        }

        var isTaken = await TryConnectAsync("127.0.0.1", PeerEntry.DefaultPort, cancellationToken) is null;
        Add(
            "serve",
            PeerFinding.Warn,
            isTaken ? $"peers cannot ask this home, and another program has port {PeerEntry.DefaultPort}" : "peers cannot ask this home: parley peer serve does not run",
            isTaken ? "parley peer serve --port P ..., and parley peer export --port P for every peer" : "parley peer serve --listen 0.0.0.0 --exec CMD");
    }

    private void CheckProfile(PeerEntry peer)
    {
        var weakness = peer.Profile switch
        {
            PeerProfile.JwtHs256 => "jwt-hs256 covers neither body nor path nor hops, and a token serves again for a minute (W3, W14)",
            PeerProfile.AbtarsReqV1 => "abtars-req-v1 does not say for whom a request is, so another peer of it could pass its requests on within 30 s, nor its hops (W1, W14)",
            _ => null,
        };
        if (weakness is not null)
        {
            Add($"{peer.Name}: profile", PeerFinding.Warn, weakness, $"when {peer.Name} runs Parley too: parley peer add FILE --replace, and remove profile from its entry");
        }
    }

    private static string NewKeysMend(PeerEntry peer) => peer.Profile == PeerProfile.JwtEddsa
        ? $"when {peer.Name} serves again: parley peer list, which tells it. Or hand it what parley peer export prints, for parley peer add FILE --replace"
        : $"hand it what parley peer export prints: peers of profile {PeerProfileName.Of(peer.Profile)} are not told";

    /// <returns>Whether both sides believe each other.</returns>
    private async Task<bool> CheckPeerAsync(PeerDirectory self, PeerEntry peer, CancellationToken cancellationToken)
    {
        var failure = await TryConnectAsync(peer.Host, peer.Port, cancellationToken);
        if (failure is not null)
        {
            Add($"{peer.Name}: port", PeerFinding.Fail, failure.Value.Found, failure.Value.Mend);
            return false;
        }

        try
        {
            using var client = PeerHome.Client(context, self, peer);
            var reply = await client.ReadCardAsync(_patience, cancellationToken);
            var isClockWrong = CheckClock(peer, client.PeerTime);
            Judge(self, peer, reply, isClockWrong);
            return reply.Outcome == PeerOutcome.Answered;
        }
        catch (ParleyException refusal)
        {
            Add($"{peer.Name}: ask", PeerFinding.Fail, refusal.Message);
            return false;
        }
    }

    private bool CheckClock(PeerEntry peer, DateTimeOffset? theirs)
    {
        var apart = theirs is { } time ? context.Time.GetUtcNow() - time : TimeSpan.Zero;
        var isWrong = apart.Duration() > _clockTolerance;
        if (isWrong)
        {
            Add($"{peer.Name}: clock", PeerFinding.Fail, $"this machine is {Math.Abs(Math.Round(apart.TotalSeconds))} s {(apart > TimeSpan.Zero ? "ahead of" : "behind")} {peer.Name}", "on the machine whose clock is wrong: timedatectl set-ntp true");
        }

        return isWrong;
    }

    private void Judge(PeerDirectory self, PeerEntry peer, PeerReply reply, bool isClockWrong)
    {
        switch (reply.Outcome)
        {
            case PeerOutcome.Answered:
                Add(peer.Name, PeerFinding.Ok, "answers, and both sides believe each other");
                break;
            case PeerOutcome.PinMismatch:
                Add(
                    $"{peer.Name}: pin", PeerFinding.Fail, $"somebody else answers at {peer.Host}:{peer.Port}, or {peer.Name} has a new certificate; nothing was sent",
                    $"if {peer.Name} ran parley peer rotate --now: start parley peer serve here, then there: parley peer list, and this home has the new keys. Else compare fingerprints with its owner (parley peer export there), then: parley peer add FILE --replace");
                break;
            case PeerOutcome.AuthFailed when isClockWrong:
                break;
            case PeerOutcome.AuthFailed:
                Add(
                    $"{peer.Name}: name or key", PeerFinding.Fail,
                    $"{peer.Name} does not believe this home. There the entry must be named '{self.Name}' and have this home's verifyKey{(peer.Token is null ? string.Empty : " and the same token")}, and its own self.name must be '{peer.Name}'",
                    $"here: parley peer export > {self.Name}.json; there: parley peer add {self.Name}.json --replace. Names differ: rename the entry, or self.name");
                break;
            default:
                Add($"{peer.Name}: ask", PeerFinding.Fail, $"{reply.Text} ({reply.Code})", reply.Outcome == PeerOutcome.Unreachable ? "there: parley peer serve" : null);
                break;
        }
    }

    private async Task<(string Found, string Mend)?> TryConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_patience, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host.Trim('[', ']'), port, either.Token);
            return null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return ($"nobody listens at {host}:{port}", $"there: parley peer serve --listen 0.0.0.0 --port {port}");
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain)
        {
            return ($"the name {host} is not known", "set host of the entry to an address");
        }
        catch (SocketException exception)
        {
            return ($"{host}:{port} cannot be reached: {exception.SocketErrorCode}", "look at the network between the two machines");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"{host}:{port} does not answer: a firewall drops it, or the machine is off", $"there: let TCP {port} in (ufw allow {port}/tcp, or the cloud's rules)");
        }
    }

    private void Add(string check, string level, string found, string? mend = null) => _findings.Add(new PeerFinding(check, level, found, mend));
}

using System.Text;
using Microsoft.Extensions.Logging;
using Parley.Client.Config;
using Parley.Client.PeerApi.Entries;
using Parley.Crypto.Tls;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi.Rotation;

/// <summary>What a home tells its peers of its own rotations, and takes over of theirs, with every request between Parley instances. Thread-safe.</summary>
/// <param name="home">The home.</param>
/// <param name="timeProvider">The clock: what a peer says of its overlap has a limit.</param>
/// <param name="log">Names alone.</param>
public sealed partial class PeerRotations(HomeFolder home, TimeProvider timeProvider, ILogger<PeerRotations> log)
{
    /// <summary>The header, of requests and of responses: statements, oldest first, with a comma between.</summary>
    public const string Header = "X-Peer-Rotation";

    /// <summary>The lock under which peers.json is changed.</summary>
    public const string LockName = "peers";

    private readonly ILogger _log = log;
    private readonly Lock _lock = new();
    private (DateTime Written, long Length) _seen;
    private IReadOnlyList<RotationStatement> _own = [];

    /// <summary>What to tell; null when nothing was rotated, or the new key is not in use yet.</summary>
    public string? AnnouncementOf(PeerDirectory self)
    {
        lock (_lock)
        {
            var file = new FileInfo(home.PathOf(RotationFile.Name));
            var seen = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (seen != _seen)
            {
                (_seen, _own) = (seen, RotationFile.Read(file.FullName));
            }

            return _own.Count > 0 && self.SigningKey is { } key && _own[^1].NewKey.Span.SequenceEqual(key.PublicKey) ? string.Join(',', _own.Select(statement => statement.Text)) : null;
        }
    }

    /// <summary>Hears what came under <see cref="Header"/>, and takes over what the pinned peer said.</summary>
    /// <param name="peer">Its entry as it is.</param>
    /// <param name="announcement">The header's value; null for none.</param>
    /// <returns>Whether peers.json changed.</returns>
    public bool Hear(PeerEntry peer, string? announcement)
    {
        if (announcement is null || announcement.Length > RotationFile.MaxStatements * RotationStatement.MaxLength || peer.Profile != PeerProfile.JwtEddsa)
        {
            return false;
        }

        // Those that this entry has behind it are skipped; the first that fits opens the way for the next.
        var hasChanged = false;
        foreach (var text in announcement.Split(',').Take(RotationFile.MaxStatements))
        {
            if (RotationStatement.TryRead(text.Trim(), out var statement) && statement.IsOf(peer) && TakeOver(statement, peer.Pin))
            {
                peer = peer with { VerifyKey = statement.NewKey, Pin = statement.NewPin };
                hasChanged = true;
            }
        }

        return hasChanged;
    }

    private bool TakeOver(RotationStatement statement, CertificatePin old)
    {
        using var held = home.TryLock(LockName);
        if (held is null || home.ReadSecret(PeersFile.Name) is not { } file)
        {
            // Somebody is changing it: the next request brings the statement again.
            return false;
        }

        try
        {
            home.WriteSecret(PeersFile.Name, Encoding.UTF8.GetBytes(PeerExport.TakeOver(Encoding.UTF8.GetString(file), statement.Name, statement.NewKey.Span, statement.NewPin, old, statement.Until, timeProvider.GetUtcNow())));
            LogTakenOver(statement.Name);
            return true;
        }
        catch (ParleyException exception)
        {
            LogNotTakenOver(statement.Name, exception.Row.WireName);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Peer {Peer} has new keys, signed by its old ones: peers.json has them now")]
    private partial void LogTakenOver(string peer);

    [LoggerMessage(LogLevel.Warning, "Peer {Peer} has new keys, but peers.json could not be changed: {Code}")]
    private partial void LogNotTakenOver(string peer, string code);
}

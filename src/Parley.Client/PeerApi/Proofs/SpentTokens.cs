using System.Security.Cryptography;
using System.Text;

namespace Parley.Client.PeerApi.Proofs;

/// <summary>Tokens that were used, until they expire; kept in a file, so that a restart does not make them good again. Thread-safe.</summary>
/// <remarks>
/// A line per token: Unix seconds of its end, a space, the first 16 bytes of SHA-256 over issuer, NUL and id in hex. The file is on the disk before the
/// request goes on, so that neither a crash nor a power cut makes a token good again, and made anew when most of it has expired. One process keeps a file at a time.
/// </remarks>
public sealed class SpentTokens : IDisposable
{
    /// <summary>The file's name in a home.</summary>
    public const string Name = "peers.spent";

    /// <summary>Most unexpired tokens of one peer: more than a hundred requests a second. One that uses more waits, and takes nothing from the others.</summary>
    public const int MaxPerPeer = 10_000;

    /// <summary>Most unexpired tokens in all: their file stays below what is read at a start.</summary>
    public const int MaxTokens = 20_000;

    /// <summary>How long a token is kept beyond its end, in seconds: a clock may be set back a little.</summary>
    private const int KeptLonger = 10;

    private const int HashSize = 16;

    private readonly LineLog _log;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (long Expires, string Issuer)> _spent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _perPeer = new(StringComparer.Ordinal);
    private long _pruned;

    private SpentTokens(string path, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _log = new LineLog(path, isDurable: true, () => [.. _spent.Select(token => $"{token.Value.Expires} {token.Key}")]);
        foreach (var line in LineLog.Read(path))
        {
            // A line that a crash cut short names no token that was answered.
            var space = line.IndexOf(' ');
            if (space > 0 && line.Length == space + 1 + (2 * HashSize) && long.TryParse(line.AsSpan(0, space), out var expires))
            {
                _spent[line[(space + 1)..]] = (expires, string.Empty);
            }
        }

        Prune();
        _log.Rewrite();
    }

    /// <summary>Opens the file, making it (mode 0600) where there is none.</summary>
    public static SpentTokens Open(string path, TimeProvider timeProvider) => new(path, timeProvider);

    /// <summary>Spends a token.</summary>
    /// <param name="issuer">Whose.</param>
    /// <param name="id">Its id.</param>
    /// <param name="expires">Its end, Unix seconds.</param>
    public SpentOutcome TrySpend(string issuer, string id, long expires)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{issuer}\0{id}")).AsSpan(0, HashSize));
        lock (_lock)
        {
            Prune();
            if (_spent.ContainsKey(hash))
            {
                return SpentOutcome.Replayed;
            }

            var count = _perPeer.GetValueOrDefault(issuer);
            if (count >= MaxPerPeer || _spent.Count >= MaxTokens)
            {
                return SpentOutcome.Full;
            }

            _spent[hash] = (expires, issuer);
            _perPeer[issuer] = count + 1;
            _log.Append($"{expires} {hash}", _spent.Count);
            return SpentOutcome.New;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    // Once a second: going through all at each request would cost more than the request.
    private void Prune()
    {
        var now = _timeProvider.GetUtcNow().ToUnixTimeSeconds();
        if (now == _pruned)
        {
            return;
        }

        _pruned = now;
        foreach (var (hash, token) in _spent.Where(token => token.Value.Expires + KeptLonger < now).ToList())
        {
            _spent.Remove(hash);
            if (_perPeer.TryGetValue(token.Issuer, out var count))
            {
                _perPeer[token.Issuer] = count - 1;
            }
        }
    }
}

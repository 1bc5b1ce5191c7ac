using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parley.Client.Config;
using Parley.Protocol.Errors;

namespace Parley.Client.PeerApi;

/// <summary>When each peer was last heard of, proved: the file <c>peers.seen</c>, an object of Unix seconds. Worth nothing when it is lost. Thread-safe.</summary>
/// <param name="home">The home.</param>
/// <param name="timeProvider">The clock.</param>
public sealed class PeerSightings(HomeFolder home, TimeProvider timeProvider)
{
    /// <summary>The file's name in a home.</summary>
    public const string Name = "peers.seen";

    /// <summary>How exact it is: a peer that asks all the time must not make the disk busy.</summary>
    private static readonly TimeSpan _grain = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, DateTimeOffset> _noted = new(StringComparer.Ordinal);

    /// <summary>When a peer was heard of; null for never.</summary>
    public DateTimeOffset? Of(string peer) => Read()[peer] is JsonValue value && value.TryGetValue<long>(out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;

    /// <summary>A peer was heard of.</summary>
    public void Note(string peer)
    {
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            if (_noted.TryGetValue(peer, out var last) && now - last < _grain)
            {
                return;
            }

            _noted[peer] = now;
            try
            {
                var all = Read();
                all[peer] = now.ToUnixTimeSeconds();
                home.WriteSecret(Name, Encoding.UTF8.GetBytes(all.ToJsonString()));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // A full disk must not keep a question from its answer.
            }
        }
    }

    private JsonObject Read()
    {
        try
        {
            return home.ReadSecret(Name) is { } json && JsonNode.Parse(json) is JsonObject all ? all : [];
        }
        catch (Exception exception) when (exception is JsonException or ParleyException or IOException)
        {
            return [];
        }
    }
}

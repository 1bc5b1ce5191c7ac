using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Parley.Protocol.Identity;

namespace Parley.Hub.AgentApi.Cards;

/// <summary>The catalog of agents in the form of AI Catalog 1.0: for each an identifier, a type and where its card is. The rest stands in the card alone.</summary>
internal static class CardCatalog
{
    private const string CardType = "application/a2a-agent-card+json";

    private static readonly JsonWriterOptions _writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the catalog.</summary>
    /// <param name="baseUrl">The hub's address.</param>
    /// <param name="hubId">Stands for the publisher where the address has no domain name.</param>
    /// <param name="agents">The agents that the caller may know of.</param>
    public static ReadOnlyMemory<byte> Write(Uri baseUrl, string hubId, IReadOnlyList<AgentAddress> agents)
    {
        var publisher = baseUrl.HostNameType == UriHostNameType.Dns && baseUrl.Host.Contains('.', StringComparison.Ordinal) ? baseUrl.Host : hubId;
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, _writing))
        {
            writer.WriteStartObject();
            writer.WriteString("specVersion", "1.0");
            writer.WriteStartObject("host");
            writer.WriteString("displayName", $"Parley at {baseUrl.Authority}");
            writer.WriteString("identifier", publisher);
            writer.WriteEndObject();
            writer.WriteStartArray("entries");
            foreach (var agent in agents)
            {
                writer.WriteStartObject();
                writer.WriteString("identifier", $"urn:air:{publisher}:agent:{agent}");
                writer.WriteString("type", CardType);
                writer.WriteString("url", new Uri(baseUrl, $"/agents/{agent}/.well-known/agent-card.json").ToString());
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}

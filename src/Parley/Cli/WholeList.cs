using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Parley.Client.HubLink;
using Parley.Protocol.Management;

namespace Parley.Cli;

/// <summary>A list of the hub, all pages of it: what is cut without a word looks like all that there is.</summary>
internal static class WholeList
{
    private const int MaxReadings = 3;

    /// <summary>Asks for page after page.</summary>
    /// <param name="link">Whose link is asked.</param>
    /// <param name="method">The list's operation, for example <c>agents.list</c>.</param>
    /// <param name="selector">For agents: labels that they have; null for all.</param>
    /// <param name="type">The JSON of a page.</param>
    /// <param name="keyOf">What tells two entries apart.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Page<T>> ReadAsync<T>(
        HubLink link, string method, string? selector, JsonTypeInfo<Page<T>> type, Func<T, string> keyOf, CancellationToken cancellationToken)
    {
        // What comes or goes between two pages moves the others by one place: then it is read again, a few times.
        for (var reading = 1; ; reading++)
        {
            var (entries, isSteady) = await ReadOnceAsync(link, method, selector, type, cancellationToken);
            if (isSteady || reading == MaxReadings)
            {
                entries = [.. entries.DistinctBy(keyOf)];
                return new Page<T>(entries, new PageMeta(entries.Count, entries.Count, 0));
            }
        }
    }

    private static async Task<(List<T> Entries, bool IsSteady)> ReadOnceAsync<T>(
        HubLink link, string method, string? selector, JsonTypeInfo<Page<T>> type, CancellationToken cancellationToken)
    {
        var entries = new List<T>();
        long? total = null;
        while (true)
        {
            var arguments = new ListArguments(Page<T>.MaxLimit, entries.Count, selector);
            using var answer = await link.CallAsync(method, JsonSerializer.SerializeToUtf8Bytes(arguments, ManagementJson.Compact.ListArguments), cancellationToken);
            var page = answer.Deserialize(type)!;
            entries.AddRange(page.Data);
            total ??= page.Meta.Total;
            if (page.Data.Count == 0 || entries.Count >= page.Meta.Total)
            {
                return (entries, total == page.Meta.Total);
            }
        }
    }
}

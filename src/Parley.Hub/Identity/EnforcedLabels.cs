using Parley.Protocol.Errors;
using Parley.Protocol.Identity;

namespace Parley.Hub.Identity;

/// <summary>The rule for labels that a join token gives: the agent may add others, but not say otherwise.</summary>
internal static class EnforcedLabels
{
    /// <summary>The labels of an agent that asks for some.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.JoinLabels"/>; <see cref="ErrorCode.InvalidArgument"/>: too many in all.</exception>
    public static IReadOnlyDictionary<string, string> Apply(IReadOnlyDictionary<string, string> enforced, IReadOnlyDictionary<string, string> wished)
    {
        var labels = new SortedDictionary<string, string>(wished.ToDictionary(), StringComparer.Ordinal);
        foreach (var (key, value) in enforced)
        {
            if (labels.TryGetValue(key, out var other) && other != value)
            {
                throw new ParleyException(ErrorCode.JoinLabels, $"The label '{key}' is set by the join token.");
            }

            labels[key] = value;
        }

        Labels.Check(labels);
        return labels;
    }
}

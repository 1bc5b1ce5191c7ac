using System.Diagnostics.CodeAnalysis;
using Parley.Protocol.Errors;

namespace Parley.Protocol.Identity;

/// <summary>An agent's canonical address, <c>owner.name</c>; what every envelope, log row and list carries.</summary>
/// <param name="Owner">Whose agent it is.</param>
/// <param name="Name">Unique per owner.</param>
public readonly record struct AgentAddress(string Owner, string Name) : IComparable<AgentAddress>
{
    /// <summary>Longest text form in characters.</summary>
    public const int MaxLength = (2 * Names.MaxLength) + 1;

    /// <summary>Reads <c>owner.name</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.NameInvalid"/>.</exception>
    public static AgentAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new ParleyException(ErrorCode.NameInvalid, "An agent's address is owner.name.");

    /// <summary>Reads <c>owner.name</c>; false for anything else, bare names too.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out AgentAddress address)
    {
        address = default;
        var dot = text?.IndexOf('.') ?? -1;
        if (dot <= 0 || !Names.IsValid(text.AsSpan(0, dot)) || !Names.IsValid(text.AsSpan(dot + 1)))
        {
            return false;
        }

        address = new AgentAddress(text![..dot], text[(dot + 1)..]);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(AgentAddress other) => string.CompareOrdinal(ToString(), other.ToString());

    /// <summary>The canonical text, <c>owner.name</c>.</summary>
    public override string ToString() => $"{Owner}.{Name}";

    /// <summary>Orders by canonical text.</summary>
    public static bool operator <(AgentAddress left, AgentAddress right) => left.CompareTo(right) < 0;

    /// <summary>Orders by canonical text.</summary>
    public static bool operator >(AgentAddress left, AgentAddress right) => left.CompareTo(right) > 0;

    /// <summary>Orders by canonical text.</summary>
    public static bool operator <=(AgentAddress left, AgentAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by canonical text.</summary>
    public static bool operator >=(AgentAddress left, AgentAddress right) => left.CompareTo(right) >= 0;
}

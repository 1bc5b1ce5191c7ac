using Parley.Protocol.Identity;

namespace Parley.Hub.Identity;

/// <summary>What happened to an agent. All but <see cref="Enrolled"/> and <see cref="LabelsChanged"/> end its links.</summary>
internal enum AgentChangeKind
{
    /// <summary>It is new here.</summary>
    Enrolled,

    /// <summary>It was removed, by itself or with its join token.</summary>
    Revoked,

    /// <summary>It has another name; the old one is free.</summary>
    Renamed,

    /// <summary>Its key is good no more.</summary>
    KeyReset,

    /// <summary>Its labels, its visibility or its card changed.</summary>
    LabelsChanged,
}

/// <summary>A change of an agent, told after it is in the store.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Address">Whom it befell, under the name until then.</param>
/// <param name="NewAddress">The new name of <see cref="AgentChangeKind.Renamed"/>.</param>
/// <param name="IsFromElsewhere">Whether another node of this hub did it, and has told the others already.</param>
internal readonly record struct AgentChange(AgentChangeKind Kind, AgentAddress Address, AgentAddress? NewAddress = null, bool IsFromElsewhere = false);

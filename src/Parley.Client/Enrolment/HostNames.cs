using Parley.Protocol.Identity;

namespace Parley.Client.Enrolment;

/// <summary>Makes an agent's name of a machine's.</summary>
public static class HostNames
{
    /// <summary>The first label of the host name in lower case, what a name may not hold as '-'; empty when nothing usable is left, so that the hub chooses.</summary>
    public static string ToAgentName(string host)
    {
        var label = host.Split('.')[0].ToLowerInvariant();
        var name = string.Concat(label.Select(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) ? character : '-')).Trim('-');
        name = name.Length <= Names.MaxLength ? name : name[..Names.MaxLength];
        return Names.IsValid(name) && !Names.Reserved.Contains(name) ? name : string.Empty;
    }
}

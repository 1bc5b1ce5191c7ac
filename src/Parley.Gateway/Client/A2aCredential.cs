using System.Text;
using Parley.Protocol.Errors;

namespace Parley.Gateway.Client;

/// <summary>One header that proves who calls. Its text form never shows the secret.</summary>
public sealed class A2aCredential
{
    private A2aCredential(string header, string value)
    {
        if (header.Length == 0 || !header.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "The name of a credential's header has letters, digits, - and _ only.");
        }

        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ParleyException(ErrorCode.InvalidArgument, "A credential is printable ASCII, in one line.");
        }

        (Header, Value) = (header, value);
    }

    /// <summary>The header's name.</summary>
    public string Header { get; }

    /// <summary>The header's value: secret.</summary>
    public string Value { get; }

    /// <summary>A token in the Authorization header.</summary>
    public static A2aCredential Bearer(string token) => new("Authorization", $"Bearer {token}");

    /// <summary>A key in a header of its own.</summary>
    public static A2aCredential ApiKey(string header, string key) => new(header, key);

    /// <summary>A name and a password in the Authorization header.</summary>
    public static A2aCredential Basic(string user, string password) =>
        new("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    /// <inheritdoc/>
    public override string ToString() => $"{Header}: (secret)";
}

using System.Runtime.CompilerServices;
using System.Text;
using Parley.Client.Responders;
using Parley.Protocol.Messaging;

namespace Parley.Testing;

/// <summary>A responder whose work is a test's own function.</summary>
/// <param name="respond">The work.</param>
/// <param name="traits">What it says of itself.</param>
internal sealed class DelegateResponder(
    Func<ResponderRequest, CancellationToken, IAsyncEnumerable<ResponderEvent>> respond, ResponderTraits traits = ResponderTraits.None) : IResponder
{
    /// <inheritdoc/>
    public ResponderTraits Traits => traits;

    /// <summary>One that answers with a text.</summary>
    public static DelegateResponder OfText(Func<ResponderRequest, CancellationToken, Task<string>> answer, ResponderTraits traits = ResponderTraits.None) =>
        new((request, cancellationToken) => OneTextAsync(answer, request, cancellationToken), traits);

    /// <summary>One that answers with bytes.</summary>
    public static DelegateResponder OfBytes(Func<ResponderRequest, Body> answer) => new((request, _) => OneOutputAsync(answer(request)));

    /// <summary>The text of a message.</summary>
    public static string TextOf(ResponderRequest request) => Encoding.UTF8.GetString(request.Content.Bytes.Span);

    /// <inheritdoc/>
    public IAsyncEnumerable<ResponderEvent> RespondAsync(ResponderRequest request, CancellationToken cancellationToken) => respond(request, cancellationToken);

    private static async IAsyncEnumerable<ResponderEvent> OneTextAsync(
        Func<ResponderRequest, CancellationToken, Task<string>> answer, ResponderRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ResponderEvent.Text(await answer(request, cancellationToken), IsDelta: false);
    }

    private static async IAsyncEnumerable<ResponderEvent> OneOutputAsync(Body bytes)
    {
        await Task.Yield();
        yield return new ResponderEvent.Output(false, bytes);
    }
}

<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ko_KR" sourcelanguage="en">
    <context>
        <name>Kiosk</name>
        <message>
            <source>Kiosk</source>
            <translation>키오스크</translation>
        </message>
        <message>
            <source>한국어</source>
            <translation>English</translation>
        </message>
        <message>
            <source>Switch the screen to Korean</source>
            <translation>화면을 영어로 바꾸기</translation>
        </message>
        <message>
            <source>Hello. Who are you?</source>
            <translation>안녕하세요. 누구신가요?</translation>
        </message>
        <message>
            <source>Camera and mic are on.</source>
            <translation>카메라·마이크 켜짐</translation>
        </message>
        <message>
            <source>Nothing leaves here.</source>
            <translation>정보는 나가지 않습니다.</translation>
        </message>
        <message>
            <source>Give #RRGGBB. Text needs a contrast of 4.5:1: a darker colour of buttons, a lighter ground.</source>
            <translation>#RRGGBB 형식이어야 하며 글자와의 대비가 4.5:1이 되어야 합니다. 버튼 색은 더 어둡게, 바탕은 더 밝게 하세요.</translation>
        </message>
        <message>
            <source>Give hours like Mo-Fr 07:30-19:00; Sa 09:00-13:00.</source>
            <translation>월-금 07:30-19:00; 토 09:00-13:00처럼 적어 주세요.</translation>
        </message>
        <message>
            <source>Give a time zone like Asia/Seoul, or nothing.</source>
            <translation>Asia/Seoul과 같은 시간대를 적거나 비워 두세요.</translation>
        </message>
        <message>
            <source>Give a time as HH:MM.</source>
            <translation>시각을 HH:MM으로 적어 주세요.</translation>
        </message>
        <message>
            <source>Give a day as YYYY-MM-DD, or nothing.</source>
            <translation>날짜를 YYYY-MM-DD로 적거나 비워 두세요.</translation>
        </message>
        <message>
            <source>The chosen monitor is not there; another one shows the kiosk.</source>
            <translation>선택한 모니터가 없어 다른 모니터에 표시하고 있습니다.</translation>
        </message>
        <message>
            <source>Plug it in, or choose another in the settings.</source>
            <translation>모니터를 연결하거나 설정에서 다른 모니터를 고르세요.</translation>
        </message>
        <message>
            <source>Attendance</source>
            <translation>출석</translation>
        </message>
        <message>
            <source>Day before</source>
            <translation>하루 전</translation>
        </message>
        <message>
            <source>Day after</source>
            <translation>하루 뒤</translation>
        </message>
        <message>
            <source>Today</source>
            <translation>오늘</translation>
        </message>
        <message>
            <source>{day} · {weekday}</source>
            <translation>{day} · {weekday}요일</translation>
        </message>
        <message>
            <source>Monday</source>
            <translation>월</translation>
        </message>
        <message>
            <source>Tuesday</source>
            <translation>화</translation>
        </message>
        <message>
            <source>Wednesday</source>
            <translation>수</translation>
        </message>
        <message>
            <source>Thursday</source>
            <translation>목</translation>
        </message>
        <message>
            <source>Friday</source>
            <translation>금</translation>
        </message>
        <message>
            <source>Saturday</source>
            <translation>토</translation>
        </message>
        <message>
            <source>Sunday</source>
            <translation>일</translation>
        </message>
        <message>
            <source>Who is shown</source>
            <translation>표시할 사람</translation>
        </message>
        <message>
            <source>Who was here</source>
            <translation>온 사람</translation>
        </message>
        <message>
            <source>Everybody</source>
            <translation>모두</translation>
        </message>
        <message>
            <source>Corrected, or to check</source>
            <translation>수정했거나 확인할 사람</translation>
        </message>
        <message>
            <source>Here on this day: {seen} of {all} people.</source>
            <translation>이날 온 사람: {all}명 중 {seen}명.</translation>
        </message>
        <message>
            <source>Nobody was here on this day, as far as is known.</source>
            <translation>이날 온 것으로 확인된 사람이 없습니다.</translation>
        </message>
        <message>
            <source>First</source>
            <translation>처음</translation>
        </message>
        <message>
            <source>Last</source>
            <translation>마지막</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>메모</translation>
        </message>
        <message>
            <source>corrected</source>
            <translation>수정함</translation>
        </message>
        <message>
            <source>to check</source>
            <translation>확인 필요</translation>
        </message>
        <message>
            <source>Not seen on this day.</source>
            <translation>이날 방문이 없습니다.</translation>
        </message>
        <message>
            <source>Seen from {first} to {last}, visits: {count}</source>
            <translation>방문 기록 {first} ~ {last}, 방문 {count}회</translation>
        </message>
        <message>
            <source>Counts as: {first} to {last}</source>
            <translation>인정: {first} ~ {last}</translation>
        </message>
        <message>
            <source>Counts as: was not here</source>
            <translation>인정: 오지 않음</translation>
        </message>
        <message>
            <source>The clock of the kiosk was changed on this day: check whether the times are right.</source>
            <translation>이날 키오스크의 시계가 바뀌었습니다. 시각이 맞는지 확인하세요.</translation>
        </message>
        <message>
            <source>{when} · {by}: {what}. {reason}</source>
            <translation>{when} · {by}: {what}. 이유: {reason}</translation>
        </message>
        <message>
            <source>{first} to {last}</source>
            <translation>{first}부터 {last}까지</translation>
        </message>
        <message>
            <source>was not here</source>
            <translation>오지 않음</translation>
        </message>
        <message>
            <source>staff {number}</source>
            <translation>직원 {number}번</translation>
        </message>
        <message>
            <source>in a shell</source>
            <translation>명령줄에서</translation>
        </message>
        <message>
            <source>Correct day</source>
            <translation>이날 기록 수정</translation>
        </message>
        <message>
            <source>{name} on {day}</source>
            <translation>{name} 님 · {day} 출석</translation>
        </message>
        <message>
            <source>What visits said is kept beside it. Times as HH:MM; the reason is kept with them.</source>
            <translation>방문 기록은 그대로 남습니다. 시각은 HH:MM으로 적으며, 이유도 함께 보관합니다.</translation>
        </message>
        <message>
            <source>Was not here</source>
            <translation>오지 않음</translation>
        </message>
        <message>
            <source>Reason</source>
            <translation>이유</translation>
        </message>
        <message>
            <source>Give both times as HH:MM, in order and not in the future.</source>
            <translation>두 시각을 HH:MM으로 적어 주세요. 처음이 마지막보다 빠르고, 지금보다 늦지 않아야 합니다.</translation>
        </message>
        <message>
            <source>Give a reason of up to {most} characters.</source>
            <translation>이유를 {most}자 안으로 적어 주세요.</translation>
        </message>
        <message>
            <source>Month as XLSX</source>
            <translation>월간 XLSX 저장</translation>
        </message>
        <message>
            <source>Month as CSV</source>
            <translation>월간 CSV 저장</translation>
        </message>
        <message>
            <source>Where to put the month {month}; the file holds names</source>
            <translation>{month} 출석을 저장할 곳(파일에 이름이 들어 있습니다)</translation>
        </message>
        <message>
            <source>Lines: {count}. {file}</source>
            <translation>{count}줄을 저장했습니다: {file}</translation>
        </message>
        <message>
            <source>Greeting</source>
            <translation>인사말</translation>
        </message>
        <message>
            <source>A line for {name}</source>
            <translation>{name} 님께 보일 한 줄</translation>
        </message>
        <message>
            <source>Shown below the name when this person is recognised, to nobody else. Empty: none.</source>
            <translation>이분이 확인되었을 때 이름 아래에 보이며, 다른 분에게는 보이지 않습니다. 비우면 없어집니다.</translation>
        </message>
        <message>
            <source>How long it is shown</source>
            <translation>표시 기간</translation>
        </message>
        <message>
            <source>On every visit</source>
            <translation>방문할 때마다</translation>
        </message>
        <message>
            <source>Once</source>
            <translation>한 번만</translation>
        </message>
        <message>
            <source>Until a day</source>
            <translation>정한 날까지</translation>
        </message>
        <message>
            <source>Last day, as YYYY-MM-DD</source>
            <translation>마지막 날(YYYY-MM-DD)</translation>
        </message>
        <message>
            <source>Give the last day as YYYY-MM-DD, not one that is over.</source>
            <translation>아직 지나지 않은 마지막 날을 YYYY-MM-DD로 적어 주세요.</translation>
        </message>
        <message>
            <source>Give up to {most} letters, digits and signs.</source>
            <translation>글자, 숫자, 기호를 {most}자까지 적어 주세요.</translation>
        </message>
        <message>
            <source>Attendance: on every day, when you were recognised first and last is told to staff.</source>
            <translation>출석: 날마다 처음과 마지막으로 확인된 시각을 직원에게 알려 줍니다.</translation>
        </message>
        <message>
            <source>Greeting: staff may have a line shown to you when you are recognised.</source>
            <translation>인사말: 확인되었을 때 직원이 정한 한 줄을 보여 줄 수 있습니다.</translation>
        </message>
        <message>
            <source>A camera and a microphone are on.</source>
            <translation>카메라와 마이크가 켜져 있습니다.</translation>
        </message>
        <message>
            <source>Nothing leaves this machine.</source>
            <translation>정보는 이 기기 밖으로 나가지 않습니다.</translation>
        </message>
        <message>
            <source>Age, gender and mood are not estimated.</source>
            <translation>나이·성별·감정은 추정하지 않습니다.</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>시작</translation>
        </message>
        <message>
            <source>Step in front of the camera, or press Start.</source>
            <translation>카메라 앞에 서거나 시작을 누르세요.</translation>
        </message>
        <message>
            <source>Getting ready …</source>
            <translation>준비하고 있습니다…</translation>
        </message>
        <message>
            <source>Please look at the camera</source>
            <translation>카메라를 봐 주세요</translation>
        </message>
        <message>
            <source>That is good. Hold on a moment.</source>
            <translation>좋습니다. 잠시만요.</translation>
        </message>
        <message>
            <source>Good pictures: {good} of {needed}</source>
            <translation>잘 나온 사진 {needed}장 중 {good}장</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>취소</translation>
        </message>
        <message>
            <source>Please read this aloud</source>
            <translation>소리 내어 읽어 주세요</translation>
        </message>
        <message>
            <source>About {seconds} more seconds of speech</source>
            <translation>약 {seconds}초만 더 말씀해 주세요</translation>
        </message>
        <message>
            <source>About one more second of speech</source>
            <translation>약 1초만 더 말씀해 주세요</translation>
        </message>
        <message>
            <source>Thank you, that is enough.</source>
            <translation>고맙습니다. 충분합니다.</translation>
        </message>
        <message>
            <source>By voice only</source>
            <translation>목소리로만 하기</translation>
        </message>
        <message>
            <source>Go on without speaking</source>
            <translation>말하지 않고 계속</translation>
        </message>
        <message>
            <source>Skip speaking</source>
            <translation>말하지 않기</translation>
        </message>
        <message>
            <source>About {seconds} s more</source>
            <translation>약 {seconds}초 더</translation>
        </message>
        <message>
            <source>Good to see you. I am here today, in my usual voice.</source>
            <translation>만나서 반갑습니다. 오늘도 평소 목소리로 천천히 인사드립니다.</translation>
        </message>
        <message>
            <source>The morning is clear, and the door opens when I arrive.</source>
            <translation>맑고 조용한 아침입니다. 제가 도착하면 문이 열립니다.</translation>
        </message>
        <message>
            <source>I walked along the river, and now I have arrived.</source>
            <translation>강가를 따라 걸어서 지금 막 도착했습니다.</translation>
        </message>
        <message>
            <source>Loudness of your voice</source>
            <translation>목소리 크기</translation>
        </message>
        <message>
            <source>One moment, please</source>
            <translation>잠시만 기다려 주세요</translation>
        </message>
        <message>
            <source>Comparing with the people enrolled here.</source>
            <translation>등록된 분들과 비교하고 있습니다.</translation>
        </message>
        <message>
            <source>Welcome,</source>
            <translation>어서 오세요.</translation>
        </message>
        <message>
            <source>{name}</source>
            <translation>{name} 님</translation>
        </message>
        <message>
            <source>Sure</source>
            <translation>확신</translation>
        </message>
        <message>
            <source>Face</source>
            <translation>얼굴</translation>
        </message>
        <message>
            <source>Voice</source>
            <translation>목소리</translation>
        </message>
        <message>
            <source>Not me</source>
            <translation>제가 아닙니다</translation>
        </message>
        <message>
            <source>This is not me</source>
            <translation>제가 아닙니다</translation>
        </message>
        <message>
            <source>Finish</source>
            <translation>완료</translation>
        </message>
        <message>
            <source>I do not recognise you</source>
            <translation>누구신지 알아보지 못했습니다</translation>
        </message>
        <message>
            <source>Please ask a member of staff; they will gladly help.</source>
            <translation>직원에게 말씀해 주세요. 기꺼이 도와드립니다.</translation>
        </message>
        <message>
            <source>Face and voice do not fit together</source>
            <translation>얼굴과 목소리가 서로 다른 분의 것 같습니다</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>다시 하기</translation>
        </message>
        <message>
            <source>I could not see you in person</source>
            <translation>직접 오신 분인지 확인하지 못했습니다</translation>
        </message>
        <message>
            <source>no living person</source>
            <translation>실제 사람 아님</translation>
        </message>
        <message>
            <source>A picture, a film or a foreign voice.</source>
            <translation>사진, 영상 또는 다른 사람의 목소리였습니다.</translation>
        </message>
        <message>
            <source>Too little was seen to tell a person from a picture.</source>
            <translation>실제 사람인지 사진인지 구별하기에 충분히 보지 못했습니다.</translation>
        </message>
        <message>
            <source>I could not see or hear you well enough.</source>
            <translation>얼굴이나 목소리를 충분히 확인하지 못했습니다.</translation>
        </message>
        <message>
            <source>Sorry about that</source>
            <translation>죄송합니다</translation>
        </message>
        <message>
            <source>The result is cleared. Please ask a member of staff, or try again.</source>
            <translation>결과를 지웠습니다. 직원에게 말씀하시거나 다시 해 주세요.</translation>
        </message>
        <message>
            <source>I am sorry, I need a short break</source>
            <translation>죄송합니다. 잠시 멈췄습니다</translation>
        </message>
        <message>
            <source>Sorry, a short break</source>
            <translation>잠시 멈췄습니다</translation>
        </message>
        <message>
            <source>Please ask a member of staff.</source>
            <translation>직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>For staff</source>
            <translation>직원용</translation>
        </message>
        <message>
            <source>I cannot hear at the moment; your face is enough.</source>
            <translation>지금은 들을 수 없습니다. 얼굴만으로도 됩니다.</translation>
        </message>
        <message>
            <source>By face alone just now</source>
            <translation>지금은 얼굴만 봅니다</translation>
        </message>
        <message>
            <source>Partly out of order</source>
            <translation>일부가 고장입니다</translation>
        </message>
        <message>
            <source>Are you still there?</source>
            <translation>아직 계신가요?</translation>
        </message>
        <message>
            <source>This screen is cleared in {seconds} s.</source>
            <translation>{seconds}초 뒤 화면을 지웁니다.</translation>
        </message>
        <message>
            <source>I need more time</source>
            <translation>시간이 더 필요해요</translation>
        </message>
        <message>
            <source>Move buttons up</source>
            <translation>버튼 위로</translation>
        </message>
        <message>
            <source>Move buttons down</source>
            <translation>버튼 아래로</translation>
        </message>
        <message>
            <source>Mirror picture of the camera</source>
            <translation>거울처럼 보이는 카메라 화면</translation>
        </message>
        <message>
            <source>Please step in front of the camera</source>
            <translation>카메라 앞에 서 주세요</translation>
        </message>
        <message>
            <source>One person at a time, please</source>
            <translation>한 분씩 서 주세요</translation>
        </message>
        <message>
            <source>Please come a little closer</source>
            <translation>조금 더 가까이 와 주세요</translation>
        </message>
        <message>
            <source>Please move to the middle</source>
            <translation>가운데로 와 주세요</translation>
        </message>
        <message>
            <source>Please look straight at the camera</source>
            <translation>카메라를 똑바로 봐 주세요</translation>
        </message>
        <message>
            <source>Please uncover your face</source>
            <translation>얼굴이 보이게 해 주세요</translation>
        </message>
        <message>
            <source>Please hold still for a moment</source>
            <translation>잠시 움직이지 말아 주세요</translation>
        </message>
        <message>
            <source>Please turn your head to the left, then back</source>
            <translation>고개를 왼쪽으로 돌렸다가 다시 앞을 봐 주세요</translation>
        </message>
        <message>
            <source>Please turn your head to the right, then back</source>
            <translation>고개를 오른쪽으로 돌렸다가 다시 앞을 봐 주세요</translation>
        </message>
        <message>
            <source>Please look here a little longer</source>
            <translation>조금만 더 여기를 봐 주세요</translation>
        </message>
        <message>
            <source>Please speak now</source>
            <translation>지금 말씀해 주세요</translation>
        </message>
        <message>
            <source>A little louder, please</source>
            <translation>조금 더 크게 말씀해 주세요</translation>
        </message>
        <message>
            <source>A little softer, please</source>
            <translation>조금 더 작게 말씀해 주세요</translation>
        </message>
        <message>
            <source>It is noisy here; please come closer</source>
            <translation>주위가 시끄러워요. 가까이 와 주세요</translation>
        </message>
        <message>
            <source>Please keep speaking</source>
            <translation>계속 말씀해 주세요</translation>
        </message>
        <message>
            <source>No camera or microphone is found.</source>
            <translation>카메라나 마이크를 찾을 수 없습니다.</translation>
        </message>
        <message>
            <source>Plug it in, and check camera and microphone in the settings.</source>
            <translation>연결한 뒤 설정에서 카메라와 마이크를 확인하세요.</translation>
        </message>
        <message>
            <source>Another program holds the camera or microphone.</source>
            <translation>다른 프로그램이 카메라나 마이크를 쓰고 있습니다.</translation>
        </message>
        <message>
            <source>Close the other program.</source>
            <translation>그 프로그램을 닫으세요.</translation>
        </message>
        <message>
            <source>The system forbids the camera or microphone.</source>
            <translation>시스템이 카메라나 마이크 사용을 막고 있습니다.</translation>
        </message>
        <message>
            <source>Allow it in the system's privacy settings.</source>
            <translation>시스템의 개인정보 설정에서 허용하세요.</translation>
        </message>
        <message>
            <source>The camera or microphone delivers nothing.</source>
            <translation>카메라나 마이크에서 신호가 오지 않습니다.</translation>
        </message>
        <message>
            <source>Unplug it, plug it in again, and check its cable.</source>
            <translation>뽑았다가 다시 꽂고 케이블을 확인하세요.</translation>
        </message>
        <message>
            <source>The network stream broke off.</source>
            <translation>네트워크 영상이 끊겼습니다.</translation>
        </message>
        <message>
            <source>Check the network and the sender.</source>
            <translation>네트워크와 보내는 쪽을 확인하세요.</translation>
        </message>
        <message>
            <source>A device went away and is being tried again.</source>
            <translation>장치 연결이 끊겨 다시 연결하고 있습니다.</translation>
        </message>
        <message>
            <source>Check its cable; the kiosk goes on by itself.</source>
            <translation>케이블을 확인하세요. 연결되면 저절로 이어집니다.</translation>
        </message>
        <message>
            <source>The recording or stream has ended.</source>
            <translation>녹화나 스트림이 끝났습니다.</translation>
        </message>
        <message>
            <source>Start the kiosk again.</source>
            <translation>키오스크를 다시 시작하세요.</translation>
        </message>
        <message>
            <source>The camera or microphone does not work.</source>
            <translation>카메라나 마이크가 작동하지 않습니다.</translation>
        </message>
        <message>
            <source>Check camera and microphone in the settings.</source>
            <translation>설정에서 카메라와 마이크를 확인하세요.</translation>
        </message>
        <message>
            <source>A recording cannot be used.</source>
            <translation>녹화 파일을 쓸 수 없습니다.</translation>
        </message>
        <message>
            <source>Choose another recording.</source>
            <translation>다른 녹화 파일을 고르세요.</translation>
        </message>
        <message>
            <source>A model file is missing or damaged.</source>
            <translation>모델 파일이 없거나 손상되었습니다.</translation>
        </message>
        <message>
            <source>See which one under Settings, Models; then install the kiosk again.</source>
            <translation>설정의 모델에서 어느 파일인지 확인한 뒤 키오스크를 다시 설치하세요.</translation>
        </message>
        <message>
            <source>A setting is not valid.</source>
            <translation>설정 값이 올바르지 않습니다.</translation>
        </message>
        <message>
            <source>Run: kiosk doctor</source>
            <translation>실행: kiosk doctor</translation>
        </message>
        <message>
            <source>The key does not open the gallery.</source>
            <translation>키 파일로 등록 정보를 열 수 없습니다.</translation>
        </message>
        <message>
            <source>Put the right key file in its place.</source>
            <translation>맞는 키 파일을 제자리에 두세요.</translation>
        </message>
        <message>
            <source>The gallery belongs to a newer version.</source>
            <translation>등록 정보가 더 새로운 버전에서 만들어졌습니다.</translation>
        </message>
        <message>
            <source>Install the newer version of the program.</source>
            <translation>새 버전의 프로그램을 설치하세요.</translation>
        </message>
        <message>
            <source>The gallery cannot be written.</source>
            <translation>등록 정보를 저장할 수 없습니다.</translation>
        </message>
        <message>
            <source>Check the permissions of its folder.</source>
            <translation>폴더의 권한을 확인하세요.</translation>
        </message>
        <message>
            <source>The disk is full.</source>
            <translation>디스크가 가득 찼습니다.</translation>
        </message>
        <message>
            <source>Make room on the disk.</source>
            <translation>디스크 공간을 비우세요.</translation>
        </message>
        <message>
            <source>The gallery cannot be used.</source>
            <translation>등록 정보를 쓸 수 없습니다.</translation>
        </message>
        <message>
            <source>An internal error.</source>
            <translation>내부 오류입니다.</translation>
        </message>
        <message>
            <source>Restart the kiosk and report the code.</source>
            <translation>키오스크를 다시 켜고 코드를 알려 주세요.</translation>
        </message>
        <message>
            <source>Administration</source>
            <translation>관리</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>닫기</translation>
        </message>
        <message>
            <source>The staff pages are closed</source>
            <translation>직원 화면이 닫혀 있습니다</translation>
        </message>
        <message>
            <source>No passphrase is set. Whoever looks after this machine sets one in a shell: {command}</source>
            <translation>설정된 비밀번호가 없습니다. 이 기기의 관리자가 셸에서 설정합니다: {command}</translation>
        </message>
        <message>
            <source>The staff pages stay closed.</source>
            <translation>직원 화면은 열리지 않습니다.</translation>
        </message>
        <message>
            <source>Only an operator may end the kiosk.</source>
            <translation>키오스크 종료는 운영자만 할 수 있습니다.</translation>
        </message>
        <message>
            <source>Administrator passphrase</source>
            <translation>관리자 비밀번호</translation>
        </message>
        <message>
            <source>Passphrase</source>
            <translation>비밀번호</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>열기</translation>
        </message>
        <message>
            <source>That is not the passphrase.</source>
            <translation>비밀번호가 다릅니다.</translation>
        </message>
        <message>
            <source>Too many tries. Please wait {seconds} s.</source>
            <translation>여러 번 틀렸습니다. {seconds}초 기다려 주세요.</translation>
        </message>
        <message>
            <source>People</source>
            <translation>등록자</translation>
        </message>
        <message>
            <source>{shown} of {all} people</source>
            <translation>전체 {all}명 중 {shown}명</translation>
        </message>
        <message>
            <source>Nobody is enrolled yet.</source>
            <translation>아직 등록된 사람이 없습니다.</translation>
        </message>
        <message>
            <source>Search by name</source>
            <translation>이름으로 찾기</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>이름</translation>
        </message>
        <message>
            <source>Enrolled</source>
            <translation>등록일</translation>
        </message>
        <message>
            <source>Choose somebody in the table.</source>
            <translation>표에서 사람을 고르세요.</translation>
        </message>
        <message>
            <source>Templates: {face} face, {voice} voice</source>
            <translation>인식 정보: 얼굴 {face}개, 목소리 {voice}개</translation>
        </message>
        <message>
            <source>Enrolled on {date}</source>
            <translation>{date} 등록</translation>
        </message>
        <message>
            <source>History</source>
            <translation>이력</translation>
        </message>
        <message>
            <source>{date} · {kind} · {face} face, {voice} voice</source>
            <translation>{date} · {kind} · 얼굴 {face}, 목소리 {voice}</translation>
        </message>
        <message>
            <source>enrolled</source>
            <translation>등록</translation>
        </message>
        <message>
            <source>added to</source>
            <translation>추가</translation>
        </message>
        <message>
            <source>re-registered</source>
            <translation>재등록</translation>
        </message>
        <message>
            <source>rolled back</source>
            <translation>되돌림</translation>
        </message>
        <message>
            <source>learnt from a visit</source>
            <translation>방문에서 학습</translation>
        </message>
        <message>
            <source>Forget what visits taught</source>
            <translation>방문에서 학습한 정보 지우기</translation>
        </message>
        <message>
            <source>Forget what visits taught of {name}?</source>
            <translation>방문에서 학습한 {name} 님의 정보를 지울까요?</translation>
        </message>
        <message>
            <source>Templates that visits added are deleted; enrolled ones stay.</source>
            <translation>방문에서 더해진 인식 정보를 지웁니다. 등록할 때 만든 것은 그대로 둡니다.</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>이름 바꾸기</translation>
        </message>
        <message>
            <source>A new name for {name}</source>
            <translation>{name} 님의 새 이름</translation>
        </message>
        <message>
            <source>Roll back</source>
            <translation>되돌리기</translation>
        </message>
        <message>
            <source>Undo the last re-registration of {name}?</source>
            <translation>{name} 님의 마지막 재등록을 되돌릴까요?</translation>
        </message>
        <message>
            <source>What it brought is deleted; what it replaced is used again.</source>
            <translation>재등록한 것은 지우고 이전 것을 다시 씁니다.</translation>
        </message>
        <message>
            <source>Delete</source>
            <translation>삭제</translation>
        </message>
        <message>
            <source>Delete {name}?</source>
            <translation>{name} 님을 삭제할까요?</translation>
        </message>
        <message>
            <source>All templates, the history and the decisions go as well. This cannot be undone.</source>
            <translation>인식 정보와 이력, 방문 기록도 함께 지워집니다. 되돌릴 수 없습니다.</translation>
        </message>
        <message>
            <source>Deleted</source>
            <translation>삭제했습니다</translation>
        </message>
        <message>
            <source>Number {number} · {date} · {count} templates overwritten</source>
            <translation>번호 {number} · {date} · 인식 정보 {count}개를 덮어써 지움</translation>
        </message>
        <message>
            <source>Keep</source>
            <translation>그대로 두기</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>저장</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>확인</translation>
        </message>
        <message>
            <source>That did not work</source>
            <translation>처리하지 못했습니다</translation>
        </message>
        <message>
            <source>Estimates</source>
            <translation>추정 보기</translation>
        </message>
        <message>
            <source>{low}–{high}</source>
            <translation>{low}–{high}세</translation>
        </message>
        <message>
            <source>male</source>
            <translation>남성</translation>
        </message>
        <message>
            <source>female</source>
            <translation>여성</translation>
        </message>
        <message>
            <source>Age, gender and mood are estimated.</source>
            <translation>나이·성별·감정을 추정합니다.</translation>
        </message>
        <message>
            <source>Age and gender are estimated.</source>
            <translation>나이·성별을 추정합니다.</translation>
        </message>
        <message>
            <source>Age and mood are estimated.</source>
            <translation>나이·감정을 추정합니다.</translation>
        </message>
        <message>
            <source>Age is estimated.</source>
            <translation>나이를 추정합니다.</translation>
        </message>
        <message>
            <source>Gender and mood are estimated.</source>
            <translation>성별·감정을 추정합니다.</translation>
        </message>
        <message>
            <source>Gender is estimated.</source>
            <translation>성별을 추정합니다.</translation>
        </message>
        <message>
            <source>Mood is estimated.</source>
            <translation>감정을 추정합니다.</translation>
        </message>
        <message>
            <source>Health</source>
            <translation>상태</translation>
        </message>
        <message>
            <source>Picture and sound</source>
            <translation>영상과 소리</translation>
        </message>
        <message>
            <source>Camera</source>
            <translation>카메라</translation>
        </message>
        <message>
            <source>Analysed</source>
            <translation>분석한 영상</translation>
        </message>
        <message>
            <source>Skipped</source>
            <translation>건너뛴 영상</translation>
        </message>
        <message>
            <source>{dropped} of {all}</source>
            <translation>전체 {all}장 중 {dropped}장</translation>
        </message>
        <message>
            <source>Sound missed</source>
            <translation>놓친 소리</translation>
        </message>
        <message>
            <source>{seconds} s: the machine was too busy to hear it in time</source>
            <translation>{seconds}초: 컴퓨터가 바빠 제때 듣지 못했습니다</translation>
        </message>
        <message>
            <source>Loudness</source>
            <translation>소리 크기</translation>
        </message>
        <message>
            <source>Sound after the picture</source>
            <translation>영상 대비 소리 지연</translation>
        </message>
        <message>
            <source>{ms} ms, by {visits} visits</source>
            <translation>{ms} ms (방문 {visits}회 기준)</translation>
        </message>
        <message>
            <source>{rate} pictures a second</source>
            <translation>초당 {rate}장</translation>
        </message>
        <message>
            <source>nothing yet</source>
            <translation>아직 없음</translation>
        </message>
        <message>
            <source>How long each step takes</source>
            <translation>단계별 걸리는 시간</translation>
        </message>
        <message>
            <source>Find the face</source>
            <translation>얼굴 찾기</translation>
        </message>
        <message>
            <source>Describe the face</source>
            <translation>얼굴 특징 추출</translation>
        </message>
        <message>
            <source>Hear speech</source>
            <translation>말소리 듣기</translation>
        </message>
        <message>
            <source>Describe the voice</source>
            <translation>목소리 특징 추출</translation>
        </message>
        <message>
            <source>Decide</source>
            <translation>결과 판단</translation>
        </message>
        <message>
            <source>Machine</source>
            <translation>기기</translation>
        </message>
        <message>
            <source>Running for</source>
            <translation>가동 시간</translation>
        </message>
        <message>
            <source>Visits decided</source>
            <translation>처리한 방문</translation>
        </message>
        <message>
            <source>Memory of the kiosk</source>
            <translation>키오스크 메모리</translation>
        </message>
        <message>
            <source>{used} of {total}</source>
            <translation>{total} 중 {used}</translation>
        </message>
        <message>
            <source>Processor</source>
            <translation>프로세서</translation>
        </message>
        <message>
            <source>{name}, {threads} threads</source>
            <translation>{name}, 스레드 {threads}개</translation>
        </message>
        <message>
            <source>Graphics card</source>
            <translation>그래픽 카드</translation>
        </message>
        <message>
            <source>none; the processor does the work</source>
            <translation>없음, 프로세서로 처리</translation>
        </message>
        <message>
            <source>Temperature</source>
            <translation>온도</translation>
        </message>
        <message>
            <source>not known here</source>
            <translation>알 수 없음</translation>
        </message>
        <message>
            <source>Who is recognised, and by which model</source>
            <translation>누구를 어느 모델로 알아보는지</translation>
        </message>
        <message>
            <source>By the face</source>
            <translation>얼굴로</translation>
        </message>
        <message>
            <source>By the voice</source>
            <translation>목소리로</translation>
        </message>
        <message>
            <source>all {all}, by {model}</source>
            <translation>{all}명 모두, {model}</translation>
        </message>
        <message>
            <source>{count} of {all} by {model}</source>
            <translation>{all}명 가운데 {count}명은 {model}</translation>
        </message>
        <message>
            <source>{count} still by {model}</source>
            <translation>{count}명은 아직 {model}</translation>
        </message>
        <message>
            <source>{count} not at all: the model they were enrolled with is missing</source>
            <translation>{count}명은 등록할 때 쓴 모델이 없어 알아보지 못함</translation>
        </message>
        <message>
            <source>nobody is enrolled yet</source>
            <translation>아직 등록된 사람 없음</translation>
        </message>
        <message>
            <source>carried over at their next visits</source>
            <translation>다음에 올 때마다 옮기는 중</translation>
        </message>
        <message>
            <source>carrying over is paused</source>
            <translation>옮기기를 멈춤</translation>
        </message>
        <message>
            <source>kiosk gallery upgrade carries everybody over to the newest model.</source>
            <translation>kiosk gallery upgrade 명령으로 모두를 가장 새로운 모델로 옮깁니다.</translation>
        </message>
        <message>
            <source>Free on the disk</source>
            <translation>디스크 여유</translation>
        </message>
        <message>
            <source>{hours} h {minutes} min</source>
            <translation>{hours}시간 {minutes}분</translation>
        </message>
        <message>
            <source>Last faults</source>
            <translation>최근 장애</translation>
        </message>
        <message>
            <source>None since the kiosk was started.</source>
            <translation>켜진 뒤로 장애가 없습니다.</translation>
        </message>
        <message>
            <source>Errors in the log</source>
            <translation>기록된 오류</translation>
        </message>
        <message>
            <source>By part of the program: {counts}</source>
            <translation>프로그램 부분별: {counts}</translation>
        </message>
        <message>
            <source>None in its newest part.</source>
            <translation>최근 기록에는 오류가 없습니다.</translation>
        </message>
        <message>
            <source>Write diagnostics</source>
            <translation>진단 파일 만들기</translation>
        </message>
        <message>
            <source>For whoever repairs the kiosk. It holds no names, pictures, sounds or templates.</source>
            <translation>키오스크를 고치는 사람을 위한 파일입니다. 이름, 사진, 소리, 인식 정보는 들어 있지 않습니다.</translation>
        </message>
        <message>
            <source>Diagnostics are written</source>
            <translation>진단 파일을 만들었습니다</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>설정</translation>
        </message>
        <message>
            <source>Automatic</source>
            <translation>자동</translation>
        </message>
        <message>
            <source>None</source>
            <translation>없음</translation>
        </message>
        <message>
            <source>No</source>
            <translation>아니요</translation>
        </message>
        <message>
            <source>At once</source>
            <translation>바로 적용</translation>
        </message>
        <message>
            <source>After a restart</source>
            <translation>다시 시작하면 적용</translation>
        </message>
        <message>
            <source>Set on the command line; it cannot be changed here.</source>
            <translation>명령줄에서 정해져 여기서 바꿀 수 없습니다.</translation>
        </message>
        <message>
            <source>Set by the environment; it cannot be changed here.</source>
            <translation>환경 변수로 정해져 여기서 바꿀 수 없습니다.</translation>
        </message>
        <message>
            <source>Give a number from {low} to {high}.</source>
            <translation>{low}에서 {high} 사이의 수를 넣어 주세요.</translation>
        </message>
        <message>
            <source>Give a whole number from {low} to {high}.</source>
            <translation>{low}에서 {high} 사이의 정수를 넣어 주세요.</translation>
        </message>
        <message>
            <source>The place forbids it: choose Automatic or Off.</source>
            <translation>설치 장소에서 금지됩니다. 자동이나 끄기를 고르세요.</translation>
        </message>
        <message>
            <source>Camera and microphone cannot both be None.</source>
            <translation>카메라와 마이크를 모두 없음으로 할 수는 없습니다.</translation>
        </message>
        <message>
            <source>This value is not possible.</source>
            <translation>쓸 수 없는 값입니다.</translation>
        </message>
        <message>
            <source>Restart now</source>
            <translation>지금 다시 시작</translation>
        </message>
        <message>
            <source>Changed, not saved: {count}</source>
            <translation>바꾼 뒤 저장하지 않은 것: {count}개</translation>
        </message>
        <message>
            <source>Nothing can be saved until every value is valid.</source>
            <translation>쓸 수 없는 값이 있어 저장할 수 없습니다.</translation>
        </message>
        <message>
            <source>Saved.</source>
            <translation>저장했습니다.</translation>
        </message>
        <message>
            <source>Saved. Some changes take effect after a restart of a few seconds.</source>
            <translation>저장했습니다. 일부는 다시 시작해야 적용되며 몇 초 걸립니다.</translation>
        </message>
        <message>
            <source>Loudness now</source>
            <translation>지금 소리 크기</translation>
        </message>
        <message>
            <source>Nothing is heard.</source>
            <translation>들리는 소리가 없습니다.</translation>
        </message>
        <message>
            <source>Picture and loudness of what is in use now.</source>
            <translation>지금 쓰는 장치의 영상과 소리 크기입니다.</translation>
        </message>
        <message>
            <source>What this means</source>
            <translation>이 설정의 뜻</translation>
        </message>
        <message>
            <source>Reckoning …</source>
            <translation>계산하고 있습니다…</translation>
        </message>
        <message>
            <source>Nothing was measured with these models, so nothing can be promised.</source>
            <translation>이 모델들은 측정한 자료가 없어 아무것도 약속할 수 없습니다.</translation>
        </message>
        <message>
            <source>Face and voice</source>
            <translation>얼굴과 목소리</translation>
        </message>
        <message>
            <source>Face alone</source>
            <translation>얼굴만</translation>
        </message>
        <message>
            <source>Voice alone</source>
            <translation>목소리만</translation>
        </message>
        <message>
            <source>About 1 stranger in {n} is taken for somebody.</source>
            <translation>낯선 사람 약 {n}명 중 1명을 등록된 사람으로 잘못 봅니다.</translation>
        </message>
        <message>
            <source>At most about 1 stranger in {n} is taken for somebody.</source>
            <translation>낯선 사람을 잘못 보는 일은 많아야 약 {n}명 중 1명입니다.</translation>
        </message>
        <message>
            <source>Strangers may be taken for somebody.</source>
            <translation>낯선 사람을 등록된 사람으로 볼 수 있습니다.</translation>
        </message>
        <message>
            <source>Hardly anybody is recognised.</source>
            <translation>거의 아무도 알아보지 못합니다.</translation>
        </message>
        <message>
            <source>For {enrolled} enrolled, from recordings of {people} people. Real visits may differ. “At most” means that the recordings are too few to promise more.</source>
            <translation>등록된 {enrolled}명을 기준으로, {people}명의 녹화 자료에서 계산했습니다. 실제와 다를 수 있습니다. ‘많아야’는 자료가 적어 더 약속할 수 없다는 뜻입니다.</translation>
        </message>
        <message>
            <source>About 1 photograph in {n} is taken for a person.</source>
            <translation>사진 약 {n}장 중 1장이 실제 사람으로 통과합니다.</translation>
        </message>
        <message>
            <source>At most about 1 photograph in {n} is taken for a person.</source>
            <translation>사진 약 {n}장 중 많아야 1장이 실제 사람으로 통과합니다.</translation>
        </message>
        <message>
            <source>Photographs may be taken for people.</source>
            <translation>사진이 실제 사람으로 통과할 수 있습니다.</translation>
        </message>
        <message>
            <source>About 1 film on a screen in {n} is taken for a person.</source>
            <translation>화면에 튼 영상 약 {n}개 중 1개가 실제 사람으로 통과합니다.</translation>
        </message>
        <message>
            <source>At most about 1 film on a screen in {n} is taken for a person.</source>
            <translation>화면에 튼 영상 약 {n}개 중 많아야 1개가 실제 사람으로 통과합니다.</translation>
        </message>
        <message>
            <source>Films on screens may be taken for people.</source>
            <translation>화면에 튼 영상이 실제 사람으로 통과할 수 있습니다.</translation>
        </message>
        <message>
            <source>About 1 living person in {n} is asked again.</source>
            <translation>실제 사람 약 {n}명 중 1명에게 다시 묻습니다.</translation>
        </message>
        <message>
            <source>At most about 1 living person in {n} is asked again.</source>
            <translation>실제 사람 약 {n}명 중 많아야 1명에게 다시 묻습니다.</translation>
        </message>
        <message>
            <source>Hardly any living person gets through.</source>
            <translation>실제 사람도 거의 통과하지 못합니다.</translation>
        </message>
        <message>
            <source>The recordings can promise no less than 1 photograph in {n}.</source>
            <translation>이 자료로는 사진 {n}장 중 1장보다 낮은 비율을 약속할 수 없습니다.</translation>
        </message>
        <message>
            <source>Measured on presentations of {people} people by one webcam; there were no masks among them.</source>
            <translation>웹캠 한 대로 찍은 {people}명의 자료로 측정했으며, 마스크(가면)는 포함되지 않았습니다.</translation>
        </message>
        <message>
            <source>Models on this machine</source>
            <translation>이 기기의 모델</translation>
        </message>
        <message>
            <source>ready</source>
            <translation>준비됨</translation>
        </message>
        <message>
            <source>missing</source>
            <translation>없음</translation>
        </message>
        <message>
            <source>damaged</source>
            <translation>손상됨</translation>
        </message>
        <message>
            <source>in use</source>
            <translation>사용 중</translation>
        </message>
        <message>
            <source>Card</source>
            <translation>설명서</translation>
        </message>
        <message>
            <source>Card of {name}</source>
            <translation>{name} 설명서</translation>
        </message>
        <message>
            <source>{usual} ms, seldom over {most} ms</source>
            <translation>{usual} ms, 길어도 {most} ms 안팎</translation>
        </message>
        <message>
            <source>The usual time, and the one that only 1 in 20 exceeds.</source>
            <translation>보통 걸리는 시간과, 20번 중 1번만 넘는 시간입니다.</translation>
        </message>
        <message>
            <source>works again</source>
            <translation>다시 정상</translation>
        </message>
        <message>
            <source>Enrol somebody</source>
            <translation>새로 등록</translation>
        </message>
        <message>
            <source>Enrol a new person</source>
            <translation>새 사람 등록</translation>
        </message>
        <message>
            <source>Re-register</source>
            <translation>재등록</translation>
        </message>
        <message>
            <source>Re-register {name}</source>
            <translation>{name} 재등록</translation>
        </message>
        <message>
            <source>Name or number</source>
            <translation>이름 또는 번호</translation>
        </message>
        <message>
            <source>Please type a name first.</source>
            <translation>먼저 이름을 입력해 주세요.</translation>
        </message>
        <message>
            <source>This name is used already or cannot be used. Choose another one.</source>
            <translation>이미 쓰고 있거나 쓸 수 없는 이름입니다. 다른 이름을 입력해 주세요.</translation>
        </message>
        <message>
            <source>Consent</source>
            <translation>동의</translation>
        </message>
        <message>
            <source>I have read this and agree</source>
            <translation>읽었으며 동의합니다</translation>
        </message>
        <message>
            <source>The person must read the text and agree first.</source>
            <translation>먼저 본인이 글을 읽고 동의해야 합니다.</translation>
        </message>
        <message>
            <source>Consent given on {date} (text {version}).</source>
            <translation>{date}에 동의함 (동의서 {version}판).</translation>
        </message>
        <message>
            <source>Replace the old</source>
            <translation>기존 정보 교체</translation>
        </message>
        <message>
            <source>Add to the old</source>
            <translation>기존 정보에 추가</translation>
        </message>
        <message>
            <source>The old templates are put aside; one touch on Roll back brings them back.</source>
            <translation>기존 인식 정보는 따로 보관되며, 되돌리기를 한 번 누르면 다시 쓰입니다.</translation>
        </message>
        <message>
            <source>New templates are used beside the old ones: good on another day, with or without glasses.</source>
            <translation>새 인식 정보를 기존 것과 함께 씁니다. 다른 날의 모습, 안경을 쓰거나 벗은 모습을 추가하면 좋습니다.</translation>
        </message>
        <message>
            <source>Start with the camera</source>
            <translation>카메라로 시작</translation>
        </message>
        <message>
            <source>From files</source>
            <translation>파일에서</translation>
        </message>
        <message>
            <source>From a folder</source>
            <translation>폴더에서</translation>
        </message>
        <message>
            <source>Choose videos, pictures or recordings of this one person</source>
            <translation>이 한 사람의 영상, 사진 또는 녹음을 고르세요</translation>
        </message>
        <message>
            <source>Choose a folder with files of this one person</source>
            <translation>이 한 사람의 파일이 든 폴더를 고르세요</translation>
        </message>
        <message>
            <source>Look straight into the camera</source>
            <translation>카메라를 똑바로 봐 주세요</translation>
        </message>
        <message>
            <source>Turn your head a little to the left</source>
            <translation>고개를 왼쪽으로 조금 돌려 주세요</translation>
        </message>
        <message>
            <source>Turn your head a little to the right</source>
            <translation>고개를 오른쪽으로 조금 돌려 주세요</translation>
        </message>
        <message>
            <source>Raise your chin a little</source>
            <translation>턱을 조금 들어 주세요</translation>
        </message>
        <message>
            <source>Lower your chin a little</source>
            <translation>턱을 조금 내려 주세요</translation>
        </message>
        <message>
            <source>Straight</source>
            <translation>정면</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>왼쪽</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>오른쪽</translation>
        </message>
        <message>
            <source>Up</source>
            <translation>위</translation>
        </message>
        <message>
            <source>Down</source>
            <translation>아래</translation>
        </message>
        <message>
            <source>Bring the dot into the ring.</source>
            <translation>점이 고리 안에 오게 해 주세요.</translation>
        </message>
        <message>
            <source>Step {step} of 6</source>
            <translation>6단계 중 {step}단계</translation>
        </message>
        <message>
            <source>{seconds} s of speech still needed</source>
            <translation>{seconds}초 더 말씀해 주세요</translation>
        </message>
        <message>
            <source>Not taken: {reason}</source>
            <translation>쓰지 않음: {reason}</translation>
        </message>
        <message>
            <source>left out</source>
            <translation>건너뜀</translation>
        </message>
        <message>
            <source>Quality {percent} %</source>
            <translation>품질 {percent}%</translation>
        </message>
        <message>
            <source>Samples taken, with their quality</source>
            <translation>모은 자료와 품질</translation>
        </message>
        <message>
            <source>Skip the remaining poses</source>
            <translation>남은 자세 건너뛰기</translation>
        </message>
        <message>
            <source>Stop speaking</source>
            <translation>말하기 그만두기</translation>
        </message>
        <message>
            <source>The camera or microphone went away; it is being tried again.</source>
            <translation>카메라나 마이크가 끊겨 다시 연결하고 있습니다.</translation>
        </message>
        <message>
            <source>My name is on this list now, and I speak as I always do.</source>
            <translation>이제 제 이름이 여기에 있고, 저는 평소처럼 말합니다.</translation>
        </message>
        <message>
            <source>Over the hill the sun is warm, and the road home is long.</source>
            <translation>언덕 너머 햇살은 따뜻하고, 집으로 가는 길은 멉니다.</translation>
        </message>
        <message>
            <source>Please open the door, I would like to come in and sit down.</source>
            <translation>문을 열어 주세요, 들어가서 자리에 앉고 싶습니다.</translation>
        </message>
        <message>
            <source>Reading files</source>
            <translation>파일을 읽는 중</translation>
        </message>
        <message>
            <source>{done} of {total} files are done.</source>
            <translation>파일 {total}개 중 {done}개를 마쳤습니다.</translation>
        </message>
        <message>
            <source>{bad} of {total} files could not be read and were left out.</source>
            <translation>파일 {total}개 중 {bad}개는 읽을 수 없어 뺐습니다.</translation>
        </message>
        <message>
            <source>Stop</source>
            <translation>멈추기</translation>
        </message>
        <message>
            <source>One moment …</source>
            <translation>잠시만요…</translation>
        </message>
        <message>
            <source>Check before saving: {name}</source>
            <translation>저장 전 확인: {name}</translation>
        </message>
        <message>
            <source>New templates: {face} face, {voice} voice.</source>
            <translation>새 인식 정보: 얼굴 {face}개, 목소리 {voice}개.</translation>
        </message>
        <message>
            <source>By face only: there is too little speech.</source>
            <translation>얼굴만 등록합니다: 목소리가 부족합니다.</translation>
        </message>
        <message>
            <source>By voice only: there are too few pictures.</source>
            <translation>목소리만 등록합니다: 사진이 부족합니다.</translation>
        </message>
        <message>
            <source>This seems to be {name}, who is enrolled already.</source>
            <translation>이미 등록된 {name} 님인 것 같습니다.</translation>
        </message>
        <message>
            <source>Face {face} (counts from {face_at}), voice {voice} (from {voice_at}).</source>
            <translation>얼굴 {face} (기준 {face_at}), 목소리 {voice} (기준 {voice_at}).</translation>
        </message>
        <message>
            <source>none</source>
            <translation>없음</translation>
        </message>
        <message>
            <source>The new samples resemble {name} more than anybody should.</source>
            <translation>새 표본이 {name} 님과 지나치게 비슷합니다.</translation>
        </message>
        <message>
            <source>The new samples do not resemble {name}. Is this the right person?</source>
            <translation>새 표본이 {name} 님과 비슷하지 않습니다. 본인이 맞습니까?</translation>
        </message>
        <message>
            <source>Face: well apart from everyone else</source>
            <translation>얼굴: 다른 모든 사람과 잘 구별됨</translation>
        </message>
        <message>
            <source>Voice: well apart from everyone else</source>
            <translation>목소리: 다른 모든 사람과 잘 구별됨</translation>
        </message>
        <message>
            <source>Face: close to somebody else</source>
            <translation>얼굴: 다른 사람과 가까움</translation>
        </message>
        <message>
            <source>Voice: close to somebody else</source>
            <translation>목소리: 다른 사람과 가까움</translation>
        </message>
        <message>
            <source>Face: the samples differ among themselves</source>
            <translation>얼굴: 표본끼리 서로 다름</translation>
        </message>
        <message>
            <source>Voice: the samples differ among themselves</source>
            <translation>목소리: 표본끼리 서로 다름</translation>
        </message>
        <message>
            <source>Nobody else is enrolled yet.</source>
            <translation>아직 다른 사람이 없습니다.</translation>
        </message>
        <message>
            <source>this person</source>
            <translation>이 사람</translation>
        </message>
        <message>
            <source>nearest: {name}</source>
            <translation>가장 가까운 사람: {name}</translation>
        </message>
        <message>
            <source>Face, last {count} visits: old {old}, new {new}</source>
            <translation>얼굴, 최근 방문 {count}회: 이전 {old}, 새 {new}</translation>
        </message>
        <message>
            <source>Voice, last {count} visits: old {old}, new {new}</source>
            <translation>목소리, 최근 방문 {count}회: 이전 {old}, 새 {new}</translation>
        </message>
        <message>
            <source>Face: visits so far {recorded}, new samples {likeness}</source>
            <translation>얼굴: 지금까지 방문 {recorded}, 새 표본 {likeness}</translation>
        </message>
        <message>
            <source>Voice: visits so far {recorded}, new samples {likeness}</source>
            <translation>목소리: 지금까지 방문 {recorded}, 새 표본 {likeness}</translation>
        </message>
        <message>
            <source>These samples do not seem to be of a living person.</source>
            <translation>실제 사람을 찍은 표본이 아닌 것 같습니다.</translation>
        </message>
        <message>
            <source>It could not be told whether these samples are of a living person.</source>
            <translation>실제 사람을 찍은 표본인지 확인하지 못했습니다.</translation>
        </message>
        <message>
            <source>From files: nobody can tell whether the person was there.</source>
            <translation>파일에서 읽음: 본인이 직접 있었는지는 확인하지 않았습니다.</translation>
        </message>
        <message>
            <source>The picture looks like paper or a screen.</source>
            <translation>종이나 화면에 나온 사진처럼 보입니다.</translation>
        </message>
        <message>
            <source>The face does not move as a head does.</source>
            <translation>얼굴이 실제 머리처럼 움직이지 않습니다.</translation>
        </message>
        <message>
            <source>The lips do not go with the voice.</source>
            <translation>입 모양과 목소리가 맞지 않습니다.</translation>
        </message>
        <message>
            <source>The head was never turned.</source>
            <translation>고개를 한 번도 돌리지 않았습니다.</translation>
        </message>
        <message>
            <source>The pictures are blurred.</source>
            <translation>영상이 흐립니다.</translation>
        </message>
        <message>
            <source>There were too few pictures to tell.</source>
            <translation>확인하기에는 사진이 너무 적습니다.</translation>
        </message>
        <message>
            <source>Why save it anyway</source>
            <translation>그래도 저장하는 이유</translation>
        </message>
        <message>
            <source>Choose a reason</source>
            <translation>이유를 고르세요</translation>
        </message>
        <message>
            <source>I see the person here myself</source>
            <translation>본인이 여기 있는 것을 직접 보고 있습니다</translation>
        </message>
        <message>
            <source>The light or the camera is poor</source>
            <translation>조명이나 카메라 상태가 좋지 않습니다</translation>
        </message>
        <message>
            <source>The person cannot turn their head</source>
            <translation>고개를 돌리기 어려운 분입니다</translation>
        </message>
        <message>
            <source>Please stand here yourself, in good light, and turn your head when I ask. Nothing was saved.</source>
            <translation>밝은 곳에서 직접 앞에 서 주시고, 안내에 따라 고개를 돌려 주세요. 아무것도 저장하지 않았습니다.</translation>
        </message>
        <message>
            <source>Recorded now</source>
            <translation>지금 촬영한 사진</translation>
        </message>
        <message>
            <source>On file for {name}</source>
            <translation>보관 중인 {name} 님 사진</translation>
        </message>
        <message>
            <source>No picture of {name} is kept.</source>
            <translation>보관 중인 {name} 님 사진이 없습니다.</translation>
        </message>
        <message>
            <source>Different people: save</source>
            <translation>다른 사람임: 저장</translation>
        </message>
        <message>
            <source>Add to {name} instead</source>
            <translation>{name} 님 정보에 추가</translation>
        </message>
        <message>
            <source>Record again</source>
            <translation>다시 촬영</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>버리기</translation>
        </message>
        <message>
            <source>That is not enough yet</source>
            <translation>아직 부족합니다</translation>
        </message>
        <message>
            <source>Usable pictures: {faces} of {faces_needed}. Speech: {speech} of {speech_needed} s.</source>
            <translation>쓸 수 있는 사진: {faces}/{faces_needed}장. 목소리: {speech}/{speech_needed}초.</translation>
        </message>
        <message>
            <source>Most often: {hint}</source>
            <translation>가장 잦은 이유: {hint}</translation>
        </message>
        <message>
            <source>None of these files can be read. Choose videos, pictures or sound.</source>
            <translation>읽을 수 있는 파일이 없습니다. 영상, 사진 또는 녹음을 고르세요.</translation>
        </message>
        <message>
            <source>Last seen</source>
            <translation>마지막 방문</translation>
        </message>
        <message>
            <source>given</source>
            <translation>있음</translation>
        </message>
        <message>
            <source>taken back</source>
            <translation>철회</translation>
        </message>
        <message>
            <source>Last seen on {date}</source>
            <translation>마지막 방문 {date}</translation>
        </message>
        <message>
            <source>Not seen yet</source>
            <translation>아직 방문 없음</translation>
        </message>
        <message>
            <source>Consent given on {date}, text {version}</source>
            <translation>{date} 동의함, 동의서 {version}판</translation>
        </message>
        <message>
            <source>No consent on record</source>
            <translation>동의 기록 없음</translation>
        </message>
        <message>
            <source>Consent taken back on {date}</source>
            <translation>{date} 동의 철회</translation>
        </message>
        <message>
            <source>More</source>
            <translation>더 보기</translation>
        </message>
        <message>
            <source>Merge with another</source>
            <translation>다른 사람과 합치기</translation>
        </message>
        <message>
            <source>Who is the same person as {name}?</source>
            <translation>{name} 님과 같은 사람은 누구입니까?</translation>
        </message>
        <message>
            <source>Merge {other} into {name}?</source>
            <translation>{other} 님을 {name} 님으로 합칠까요?</translation>
        </message>
        <message>
            <source>Templates, history, visits and consent of {other} become those of {name}. The name {other} is gone; Roll back can only delete what was added.</source>
            <translation>{other} 님의 인식 정보, 이력, 방문, 동의가 {name} 님의 것이 됩니다. {other} 님의 이름은 사라지며, 나중에 되돌리기를 해도 더해진 정보를 지울 수 있을 뿐입니다.</translation>
        </message>
        <message>
            <source>Take consent back</source>
            <translation>동의 철회</translation>
        </message>
        <message>
            <source>Has {name} taken consent back?</source>
            <translation>{name} 님이 동의를 철회했습니까?</translation>
        </message>
        <message>
            <source>From now on nobody is compared with them. They are deleted in a few days by themselves.</source>
            <translation>이제 이 사람과는 비교하지 않으며, 며칠 뒤 자동으로 삭제됩니다.</translation>
        </message>
        <message>
            <source>Export</source>
            <translation>내보내기</translation>
        </message>
        <message>
            <source>Import</source>
            <translation>가져오기</translation>
        </message>
        <message>
            <source>Where to put the archive</source>
            <translation>보관 파일을 둘 곳</translation>
        </message>
        <message>
            <source>Which archive to take people from</source>
            <translation>사람을 가져올 보관 파일</translation>
        </message>
        <message>
            <source>Passphrase of the archive</source>
            <translation>보관 파일의 비밀번호</translation>
        </message>
        <message>
            <source>At least 8 characters. Without it nobody can open the archive: write it down.</source>
            <translation>8자 이상. 이 비밀번호가 없으면 아무도 열 수 없으니 적어 두세요.</translation>
        </message>
        <message>
            <source>Writing the archive</source>
            <translation>보관 파일을 쓰는 중</translation>
        </message>
        <message>
            <source>Importing the archive</source>
            <translation>보관 파일에서 가져오는 중</translation>
        </message>
        <message>
            <source>Mark this as wrong?</source>
            <translation>잘못된 결과로 표시할까요?</translation>
        </message>
        <message>
            <source>Nothing was kept of this visit: later visits are answered as before.</source>
            <translation>이 방문에서 남겨 둔 것이 없어, 다음 방문부터도 전과 같이 처리됩니다.</translation>
        </message>
        <message>
            <source>By what was kept, this visit is as much like {name} as the templates of {name} are like each other. It will take nothing away from {name}.</source>
            <translation>남아 있는 정보로는 이 방문이 {name} 님의 인식 정보끼리 비슷한 만큼 {name} 님과 비슷합니다. 그래서 {name} 님을 알아보는 데에는 영향이 없습니다.</translation>
        </message>
        <message>
            <source>Visits that look more like this one than like {name} will not count for {name}. Of the templates of {name} that is so for {lost} of {count}.</source>
            <translation>{name} 님보다 이 방문에 더 가까운 방문은 앞으로 {name} 님으로 보지 않습니다. {name} 님의 인식 정보 {count}개 가운데 {lost}개가 여기에 해당합니다.</translation>
        </message>
        <message>
            <source>The machine has no memory left.</source>
            <translation>기기의 메모리가 부족합니다.</translation>
        </message>
        <message>
            <source>Close other programs, or add memory.</source>
            <translation>다른 프로그램을 닫거나 메모리를 늘려 주세요.</translation>
        </message>
        <message>
            <source>Looking through the archive</source>
            <translation>보관 파일을 살펴보는 중</translation>
        </message>
        <message>
            <source>Take these people in?</source>
            <translation>이 사람들을 가져올까요?</translation>
        </message>
        <message>
            <source>People in the archive: {count}.</source>
            <translation>보관 파일에 있는 사람: {count}명.</translation>
        </message>
        <message>
            <source>This kiosk made it.</source>
            <translation>이 키오스크에서 만든 파일입니다.</translation>
        </message>
        <message>
            <source>Signed by {name} ({mark}).</source>
            <translation>{name}에서 서명했습니다({mark}).</translation>
        </message>
        <message>
            <source>Signed by a kiosk that is not known here ({mark}).</source>
            <translation>이곳에 알려지지 않은 키오스크가 서명했습니다({mark}).</translation>
        </message>
        <message>
            <source>It is not signed: who made it is not known.</source>
            <translation>서명이 없어 누가 만들었는지 알 수 없습니다.</translation>
        </message>
        <message>
            <source>Templates: {count} · {consent}</source>
            <translation>인식 정보: {count}개 · {consent}</translation>
        </message>
        <message>
            <source>consent on record</source>
            <translation>동의 기록 있음</translation>
        </message>
        <message>
            <source>no consent on record</source>
            <translation>동의 기록 없음</translation>
        </message>
        <message>
            <source>Nearest here: {name} (score {score})</source>
            <translation>이곳에서 가장 비슷한 사람: {name} (점수 {score})</translation>
        </message>
        <message>
            <source>Somebody of this name is enrolled here.</source>
            <translation>같은 이름의 사람이 이미 등록되어 있습니다.</translation>
        </message>
        <message>
            <source>The name looks like “{name}”, who is enrolled here.</source>
            <translation>이곳에 등록된 다른 사람의 이름과 비슷해 보입니다: “{name}”</translation>
        </message>
        <message>
            <source>Nobody is taken in while a name is taken: rename or delete that person here first.</source>
            <translation>겹치는 이름이 있으면 아무도 가져올 수 없습니다. 먼저 이곳에서 그 사람의 이름을 바꾸거나 삭제해 주세요.</translation>
        </message>
        <message>
            <source>Take them in</source>
            <translation>가져오기</translation>
        </message>
        <message>
            <source>Deleted soon</source>
            <translation>곧 삭제</translation>
        </message>
        <message>
            <source>Nobody is deleted soon.</source>
            <translation>곧 삭제될 사람이 없습니다.</translation>
        </message>
        <message>
            <source>Will be deleted on {date} if not seen before</source>
            <translation>그 전에 방문하지 않으면 {date}에 삭제됩니다.</translation>
        </message>
        <message>
            <source>Will be deleted on {date} without a new consent</source>
            <translation>새로 동의하지 않으면 {date}에 삭제됩니다.</translation>
        </message>
        <message>
            <source>The name looks like “{name}”.</source>
            <translation>비슷해 보이는 이름이 있습니다: “{name}”</translation>
        </message>
        <message>
            <source>Exported</source>
            <translation>내보냈습니다</translation>
        </message>
        <message>
            <source>Imported</source>
            <translation>가져왔습니다</translation>
        </message>
        <message>
            <source>{people} people with {templates} templates.</source>
            <translation>{people}명, 인식 정보 {templates}개.</translation>
        </message>
        <message>
            <source>Where to put the receipt</source>
            <translation>확인서를 둘 곳</translation>
        </message>
        <message>
            <source>Save receipt</source>
            <translation>확인서 저장</translation>
        </message>
        <message>
            <source>Receipt of deletion

Subject number: {number}
Deleted: {date}
Templates overwritten: {count}
Decisions deleted: {decisions}
Consents deleted: {consents}

This paper holds no name and no biometric data.
</source>
            <translation>삭제 확인서

대상 번호: {number}
삭제 시각: {date}
덮어쓴 인식 정보: {count}개
삭제한 방문 기록: {decisions}건
삭제한 동의: {consents}건

이 문서에는 이름도 생체 정보도 없습니다.
</translation>
        </message>
        <message>
            <source>The kiosk is out of order: {what} {remedy} ({code})</source>
            <translation>키오스크가 작동하지 않습니다: {what} {remedy} ({code})</translation>
        </message>
        <message>
            <source>Visits</source>
            <translation>방문</translation>
        </message>
        <message>
            <source>List</source>
            <translation>목록</translation>
        </message>
        <message>
            <source>Charts</source>
            <translation>그래프</translation>
        </message>
        <message>
            <source>No visits are kept for this time.</source>
            <translation>이 기간에 보관된 방문이 없습니다.</translation>
        </message>
        <message>
            <source>Decisions are kept for {days} days, then deleted.</source>
            <translation>방문 기록은 {days}일 동안 보관한 뒤 지웁니다.</translation>
        </message>
        <message>
            <source>Time</source>
            <translation>기간</translation>
        </message>
        <message>
            <source>Last 24 hours</source>
            <translation>최근 24시간</translation>
        </message>
        <message>
            <source>Last 7 days</source>
            <translation>최근 7일</translation>
        </message>
        <message>
            <source>Last 30 days</source>
            <translation>최근 30일</translation>
        </message>
        <message>
            <source>Everything kept</source>
            <translation>보관된 전체</translation>
        </message>
        <message>
            <source>Result</source>
            <translation>결과</translation>
        </message>
        <message>
            <source>Every result</source>
            <translation>모든 결과</translation>
        </message>
        <message>
            <source>recognised</source>
            <translation>알아봄</translation>
        </message>
        <message>
            <source>not usable</source>
            <translation>쓸 수 없음</translation>
        </message>
        <message>
            <source>contradicted</source>
            <translation>얼굴·목소리 불일치</translation>
        </message>
        <message>
            <source>When</source>
            <translation>시각</translation>
        </message>
        <message>
            <source>Choose a visit in the table.</source>
            <translation>표에서 방문을 골라 주세요.</translation>
        </message>
        <message>
            <source>nobody</source>
            <translation>아무도 아님</translation>
        </message>
        <message>
            <source>Face: not used</source>
            <translation>얼굴: 쓰지 않음</translation>
        </message>
        <message>
            <source>Voice: not used</source>
            <translation>목소리: 쓰지 않음</translation>
        </message>
        <message>
            <source>Together: evidence {llr}, {needed} needed; {sure} sure</source>
            <translation>합계: 근거 {llr} (필요 {needed}), 확신 {sure}</translation>
        </message>
        <message>
            <source>Too little evidence for anybody.</source>
            <translation>누구라고 할 근거가 모자랐습니다.</translation>
        </message>
        <message>
            <source>Two people were too much alike.</source>
            <translation>두 사람이 너무 비슷했습니다.</translation>
        </message>
        <message>
            <source>Face and voice spoke for different people.</source>
            <translation>얼굴과 목소리가 서로 다른 사람을 가리켰습니다.</translation>
        </message>
        <message>
            <source>Nobody is enrolled.</source>
            <translation>등록된 사람이 없습니다.</translation>
        </message>
        <message>
            <source>Neither face nor voice was good enough.</source>
            <translation>얼굴도 목소리도 충분히 좋지 않았습니다.</translation>
        </message>
        <message>
            <source>The visitor said that this was wrong.</source>
            <translation>방문자가 틀렸다고 했습니다.</translation>
        </message>
        <message>
            <source>Staff said that this was wrong.</source>
            <translation>직원이 틀렸다고 했습니다.</translation>
        </message>
        <message>
            <source>It was {name}.</source>
            <translation>실제로는 {name} 님이었습니다.</translation>
        </message>
        <message>
            <source>Somebody else was mistaken for {name} ({count}): re-registering {name} may help.</source>
            <translation>다른 사람을 {name} 님으로 잘못 본 일 {count}건: {name} 님을 다시 등록하면 나아질 수 있습니다.</translation>
        </message>
        <message>
            <source>This was wrong</source>
            <translation>잘못된 결과입니다</translation>
        </message>
        <message>
            <source>Who was it really?</source>
            <translation>실제로는 누구였습니까?</translation>
        </message>
        <message>
            <source>It was right after all</source>
            <translation>맞는 결과였습니다</translation>
        </message>
        <message>
            <source>Save as CSV</source>
            <translation>CSV로 저장</translation>
        </message>
        <message>
            <source>Where to save the table</source>
            <translation>표를 저장할 곳</translation>
        </message>
        <message>
            <source>It holds the names and scores of the {count} visits shown.</source>
            <translation>보이는 방문 {count}건의 이름과 점수가 들어갑니다.</translation>
        </message>
        <message>
            <source>{count} visits in {file}</source>
            <translation>방문 {count}건을 저장했습니다: {file}</translation>
        </message>
        <message>
            <source>Visits by hour of the day</source>
            <translation>시간대별 방문</translation>
        </message>
        <message>
            <source>Evidence for the nearest person</source>
            <translation>가장 비슷한 사람에 대한 근거</translation>
        </message>
        <message>
            <source>needed: {llr}</source>
            <translation>필요: {llr}</translation>
        </message>
        <message>
            <source>Nothing to show yet.</source>
            <translation>아직 보여 줄 것이 없습니다.</translation>
        </message>
        <message>
            <source>{shown} of {all} visits.</source>
            <translation>방문 {all}건 중 {shown}건.</translation>
        </message>
        <message>
            <source>wrong</source>
            <translation>틀림</translation>
        </message>
        <message>
            <source>unknown</source>
            <translation>모르는 사람</translation>
        </message>
        <message>
            <source>Nearest</source>
            <translation>가장 비슷한 사람</translation>
        </message>
        <message>
            <source>Merge</source>
            <translation>합치기</translation>
        </message>
        <message>
            <source>Skip</source>
            <translation>건너뛰기</translation>
        </message>
        <message>
            <source>Enrol</source>
            <translation>등록</translation>
        </message>
        <message>
            <source>The kiosk is not ready for that.</source>
            <translation>키오스크가 아직 준비되지 않았습니다.</translation>
        </message>
        <message>
            <source>Wait a moment, or see on the page of people what is out of order.</source>
            <translation>잠시 기다리거나 등록자 화면에서 무엇이 고장인지 확인하세요.</translation>
        </message>
        <message>
            <source>Go to this person</source>
            <translation>이 사람 보기</translation>
        </message>
        <message>
            <source>Saved</source>
            <translation>저장했습니다</translation>
        </message>
        <message>
            <source>A little less, please</source>
            <translation>조금만 덜 움직여 주세요</translation>
        </message>
        <message>
            <source>Enrolled themselves; not checked yet</source>
            <translation>직접 등록함 · 아직 확인하지 않음</translation>
        </message>
        <message>
            <source>Enrolled themselves; checked by staff</source>
            <translation>직접 등록함 · 직원이 확인함</translation>
        </message>
        <message>
            <source>I have checked this person</source>
            <translation>이 사람을 확인했습니다</translation>
        </message>
        <message>
            <source>Keyboard on the screen</source>
            <translation>화면 자판</translation>
        </message>
        <message>
            <source>Shift</source>
            <translation>쌍자음·대문자</translation>
        </message>
        <message>
            <source>Erase</source>
            <translation>지우기</translation>
        </message>
        <message>
            <source>Space</source>
            <translation>띄어쓰기</translation>
        </message>
        <message>
            <source>Enter</source>
            <translation>완료</translation>
        </message>
        <message>
            <source>Numbers and signs</source>
            <translation>숫자와 기호</translation>
        </message>
        <message>
            <source>Letters</source>
            <translation>글자</translation>
        </message>
        <message>
            <source>Korean letters</source>
            <translation>한글 자판</translation>
        </message>
        <message>
            <source>Latin letters</source>
            <translation>영문 자판</translation>
        </message>
        <message>
            <source>Enrol myself</source>
            <translation>직접 등록하기</translation>
        </message>
        <message>
            <source>Please ask a member of staff, or enrol yourself here.</source>
            <translation>직원에게 말씀하시거나, 여기에서 직접 등록해 주세요.</translation>
        </message>
        <message>
            <source>Shall I remember you?</source>
            <translation>등록해 드릴까요?</translation>
        </message>
        <message>
            <source>I agree</source>
            <translation>동의합니다</translation>
        </message>
        <message>
            <source>No, thank you</source>
            <translation>아니요, 괜찮습니다</translation>
        </message>
        <message>
            <source>What shall I call you?</source>
            <translation>어떻게 불러 드릴까요?</translation>
        </message>
        <message>
            <source>Your name</source>
            <translation>이름</translation>
        </message>
        <message>
            <source>Type a name first</source>
            <translation>이름을 먼저 입력해 주세요</translation>
        </message>
        <message>
            <source>Go on</source>
            <translation>계속</translation>
        </message>
        <message>
            <source>Shall I save this, {name}?</source>
            <translation>{name} 님, 저장할까요?</translation>
        </message>
        <message>
            <source>Nothing is saved yet.</source>
            <translation>아직 아무것도 저장하지 않았습니다.</translation>
        </message>
        <message>
            <source>Your face: taken</source>
            <translation>얼굴: 준비됨</translation>
        </message>
        <message>
            <source>Your voice: taken</source>
            <translation>목소리: 준비됨</translation>
        </message>
        <message>
            <source>Your face: not taken</source>
            <translation>얼굴: 없음</translation>
        </message>
        <message>
            <source>Your voice: not taken</source>
            <translation>목소리: 없음</translation>
        </message>
        <message>
            <source>That is not possible just now</source>
            <translation>지금은 등록할 수 없습니다</translation>
        </message>
        <message>
            <source>Nothing was saved. Please ask a member of staff.</source>
            <translation>아무것도 저장하지 않았습니다. 직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>I could not see or hear you well enough. Nothing was saved.</source>
            <translation>잘 보이지 않거나 잘 들리지 않았습니다. 아무것도 저장하지 않았습니다.</translation>
        </message>
        <message>
            <source>Pictures left out because they did not fit the others: {count}</source>
            <translation>나머지와 맞지 않아 뺀 사진: {count}장</translation>
        </message>
        <message>
            <source>The chosen model needs a package that is not installed.</source>
            <translation>선택한 모델에 필요한 패키지가 설치되어 있지 않습니다.</translation>
        </message>
        <message>
            <source>Choose another model under Settings, Models.</source>
            <translation>설정의 모델에서 다른 모델을 고르세요.</translation>
        </message>
        <message>
            <source>The samples are of two people: {one} of one, {other} of another. Record one person alone, or choose files with nobody else.</source>
            <translation>표본이 두 사람의 것입니다. 한 사람은 {one}개, 다른 사람은 {other}개입니다. 한 사람만 촬영하거나 다른 사람이 없는 파일을 고르세요.</translation>
        </message>
        <message>
            <source>Pictures and sounds stay on this machine.</source>
            <translation>사진과 목소리는 이 기기를 떠나지 않습니다.</translation>
        </message>
        <message>
            <source>Pictures stay here.</source>
            <translation>사진·목소리는 안 나갑니다.</translation>
        </message>
        <message>
            <source>Decisions do not reach those who are to be told.</source>
            <translation>확인 결과가 받을 곳에 전달되지 않습니다.</translation>
        </message>
        <message>
            <source>Run: kiosk events test</source>
            <translation>kiosk events test를 실행하세요.</translation>
        </message>
        <message>
            <source>Nothing is sent anywhere.</source>
            <translation>어디로도 보내지 않습니다.</translation>
        </message>
        <message>
            <source>Other devices of the operator are told that you were recognised, and when.</source>
            <translation>누구신지 알아본 사실과 시각을 운영자의 다른 기기에 알립니다.</translation>
        </message>
        <message>
            <source>Other devices of the operator are told your name when you are recognised, and when.</source>
            <translation>누구신지 알아보면 이름과 시각을 운영자의 다른 기기에 알립니다.</translation>
        </message>
        <message>
            <source>Events out</source>
            <translation>이벤트 보내기</translation>
        </message>
        <message>
            <source>Webhook</source>
            <translation>웹훅</translation>
        </message>
        <message>
            <source>MQTT broker</source>
            <translation>MQTT 브로커</translation>
        </message>
        <message>
            <source>Command</source>
            <translation>명령</translation>
        </message>
        <message>
            <source>System journal</source>
            <translation>시스템 저널</translation>
        </message>
        <message>
            <source>{delivered} sent, {waiting} waiting</source>
            <translation>보냄 {delivered}건, 대기 {waiting}건</translation>
        </message>
        <message>
            <source>{count} given up</source>
            <translation>포기 {count}건</translation>
        </message>
        <message>
            <source>kiosk events list shows what was given up; retry sends it again.</source>
            <translation>kiosk events list로 포기한 이벤트를 보고, kiosk events retry로 다시 보낼 수 있습니다.</translation>
        </message>
        <message>
            <source>the other side cannot be reached</source>
            <translation>받는 쪽에 연결할 수 없습니다</translation>
        </message>
        <message>
            <source>the other side takes too long</source>
            <translation>받는 쪽의 응답이 너무 늦습니다</translation>
        </message>
        <message>
            <source>the certificate of the other side does not hold</source>
            <translation>받는 쪽의 인증서를 믿을 수 없습니다</translation>
        </message>
        <message>
            <source>the other side does not let us in</source>
            <translation>받는 쪽이 접속을 거부합니다</translation>
        </message>
        <message>
            <source>the other side answers with error {detail}</source>
            <translation>받는 쪽에서 오류가 왔습니다: {detail}</translation>
        </message>
        <message>
            <source>the command ends with exit code {detail}</source>
            <translation>명령이 오류로 끝났습니다: 종료 코드 {detail}</translation>
        </message>
        <message>
            <source>there is no such program or journal here</source>
            <translation>그런 프로그램이나 저널이 이 기기에 없습니다</translation>
        </message>
        <message>
            <source>I recognise people who are enrolled here, by face and voice.</source>
            <translation>이곳에 등록된 분을 얼굴과 목소리로 알아봅니다.</translation>
        </message>
        <message>
            <source>A camera is on, no microphone.</source>
            <translation>카메라만 켜져 있고 마이크는 쓰지 않습니다.</translation>
        </message>
        <message>
            <source>A microphone is on, no camera.</source>
            <translation>마이크만 켜져 있고 카메라는 쓰지 않습니다.</translation>
        </message>
        <message>
            <source>Nothing is looked at or listened to before you press Start.</source>
            <translation>시작을 누르기 전에는 보거나 듣지 않습니다.</translation>
        </message>
        <message>
            <source>A camera is on.</source>
            <translation>카메라 켜짐</translation>
        </message>
        <message>
            <source>A microphone is on.</source>
            <translation>마이크 켜짐</translation>
        </message>
        <message>
            <source>All is off before Start.</source>
            <translation>시작 전에는 꺼져 있습니다.</translation>
        </message>
        <message>
            <source>Recognised</source>
            <translation>확인되었습니다</translation>
        </message>
        <message>
            <source>Recognised by your voice alone</source>
            <translation>목소리만으로 확인되었습니다</translation>
        </message>
        <message>
            <source>By voice alone</source>
            <translation>목소리만으로 확인</translation>
        </message>
        <message>
            <source>I am not sure who you are</source>
            <translation>누구신지 확실하지 않습니다</translation>
        </message>
        <message>
            <source>Estimates, which may be wrong</source>
            <translation>추정한 값이며 틀릴 수 있습니다</translation>
        </message>
        <message>
            <source>Show estimates</source>
            <translation>추정 결과 보기</translation>
        </message>
        <message>
            <source>Mood: {said}</source>
            <translation>기분: {said}</translation>
        </message>
        <message>
            <source>Age: {said}</source>
            <translation>나이: {said}</translation>
        </message>
        <message>
            <source>Gender: {said}</source>
            <translation>성별: {said}</translation>
        </message>
        <message>
            <source>cheerful</source>
            <translation>밝아 보임</translation>
        </message>
        <message>
            <source>tense</source>
            <translation>굳어 보임</translation>
        </message>
        <message>
            <source>reserved</source>
            <translation>서먹해 보임</translation>
        </message>
        <message>
            <source>uneasy</source>
            <translation>조심스러워 보임</translation>
        </message>
        <message>
            <source>calm</source>
            <translation>차분해 보임</translation>
        </message>
        <message>
            <source>thoughtful</source>
            <translation>생각에 잠긴 듯함</translation>
        </message>
        <message>
            <source>surprised</source>
            <translation>놀란 듯함</translation>
        </message>
        <message>
            <source>This kiosk will recognise you by your face and your voice.</source>
            <translation>이 키오스크는 얼굴과 목소리로 누구신지 알아봅니다.</translation>
        </message>
        <message>
            <source>What is kept: your name, and numbers computed from your face and voice (templates). Pictures and recordings are not kept.</source>
            <translation>보관하는 것: 이름, 그리고 얼굴과 목소리에서 계산한 숫자(인식 정보). 사진과 녹음은 보관하지 않습니다.</translation>
        </message>
        <message>
            <source>What is kept: your name, numbers computed from your face and voice (templates), and one small picture of your face for the staff. Recordings are not kept.</source>
            <translation>보관하는 것: 이름, 얼굴과 목소리에서 계산한 숫자(인식 정보), 그리고 직원이 볼 작은 얼굴 사진 한 장. 녹음은 보관하지 않습니다.</translation>
        </message>
        <message>
            <source>Later visits: some add such numbers, so that you are recognised as you change.</source>
            <translation>다음 방문: 모습이 달라져도 알아볼 수 있도록 일부 방문에서 이런 숫자를 더합니다.</translation>
        </message>
        <message>
            <source>What for: to tell who is standing here. For nothing else.</source>
            <translation>쓰는 목적: 앞에 계신 분이 누구신지 알아보는 것. 다른 목적으로는 쓰지 않습니다.</translation>
        </message>
        <message>
            <source>What for: to tell who is standing here.</source>
            <translation>쓰는 목적: 앞에 계신 분이 누구신지 알아보는 것.</translation>
        </message>
        <message>
            <source>How long: until you or the operator delete it. Of every visit, for {days} days: when it was, and numbers computed from it.</source>
            <translation>보관 기간: 본인 또는 운영자가 삭제할 때까지. 방문 기록(방문 시각과 그때 계산한 숫자)은 {days}일 동안.</translation>
        </message>
        <message>
            <source>You need not agree, and you can take your consent back at any time: ask a member of staff, and everything about you is deleted.</source>
            <translation>동의하지 않으셔도 됩니다. 동의는 언제든지 철회할 수 있으며, 직원에게 말씀하시면 모든 정보를 삭제합니다.</translation>
        </message>
        <message>
            <source>Beside that: {fact} No such result is kept.</source>
            <translation>그 밖에: {fact} 그 결과는 보관하지 않습니다.</translation>
        </message>
        <message>
            <source>Estimated:</source>
            <translation>추정:</translation>
        </message>
        <message>
            <source>For that, about 1 visit in {n} of enrolled people is asked again.</source>
            <translation>그 대신 등록된 분의 방문 약 {n}번 중 1번은 다시 확인합니다.</translation>
        </message>
        <message>
            <source>For that, at most about 1 visit in {n} of enrolled people is asked again.</source>
            <translation>그 대신 등록된 분을 다시 확인하는 일은 많아야 약 {n}번 중 1번입니다.</translation>
        </message>
        <message>
            <source>You asked for 1 in {asked}, more than the recordings support: 1 in {n} is the most that can be promised.</source>
            <translation>{asked}명 중 1명을 요구하셨지만 녹화 자료로는 뒷받침할 수 없습니다. 약속할 수 있는 것은 많아야 {n}명 중 1명입니다.</translation>
        </message>
        <message>
            <source>Hello.
Let me see whether I know you.</source>
            <translation>안녕하세요.
누구신지 알아볼게요.</translation>
        </message>
        <message>
            <source>I need to see you in person</source>
            <translation>직접 오신 분인지 확인하지 못했습니다</translation>
        </message>
        <message>
            <source>Please stand here yourself, without a picture or a screen, or ask a member of staff.</source>
            <translation>사진이나 화면 없이 직접 앞에 서 주시거나, 직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>It is too dark; please face the light</source>
            <translation>어두워요. 밝은 쪽을 봐 주세요</translation>
        </message>
        <message>
            <source>It is too bright; please turn away from the light</source>
            <translation>너무 밝아요. 빛이 덜 드는 쪽을 봐 주세요</translation>
        </message>
        <message>
            <source>Perhaps somebody else spoke. Please try again alone, or ask a member of staff.</source>
            <translation>다른 분의 목소리가 섞였을 수 있습니다. 혼자서 다시 해 보시거나 직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>You look like more than one person here. Please try again, or ask a member of staff.</source>
            <translation>닮은 분이 여럿 등록되어 있습니다. 다시 해 보시거나 직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>Let me try that once more</source>
            <translation>아직 확인하지 못했습니다</translation>
        </message>
        <message>
            <source>A part of me is not working; I will do what I can.</source>
            <translation>일부가 작동하지 않지만 할 수 있는 것은 계속합니다.</translation>
        </message>
        <message>
            <source>Face: evidence {llr}</source>
            <translation>얼굴: 근거 {llr}</translation>
        </message>
        <message>
            <source>Voice: evidence {llr}</source>
            <translation>목소리: 근거 {llr}</translation>
        </message>
        <message>
            <source>Further to the right means more alike; beyond the line somebody is recognised.</source>
            <translation>오른쪽일수록 비슷합니다. 세로선을 넘으면 알아봅니다.</translation>
        </message>
        <message>
            <source>with the old templates; recognised from {threshold} on</source>
            <translation>이전 인식 정보와의 점수, {threshold}부터 알아봄</translation>
        </message>
        <message>
            <source>Where: encrypted, on this machine only.</source>
            <translation>보관하는 곳: 이 기기 안에만 암호화하여 보관합니다.</translation>
        </message>
        <message>
            <source>I will try again by myself. If it is urgent, ask a member of staff.</source>
            <translation>잠시 뒤 저절로 다시 시작합니다. 급하시면 직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>Getting the list ready …</source>
            <translation>목록을 준비하고 있습니다…</translation>
        </message>
        <message>
            <source>Somebody whom staff have not checked yet.</source>
            <translation>직원이 아직 확인하지 않은 사람입니다.</translation>
        </message>
        <message>
            <source>I greet you by this name and a number, and staff can see it.</source>
            <translation>이 이름과 번호로 인사드리며, 직원도 볼 수 있습니다.</translation>
        </message>
        <message>
            <source>This name cannot be used. Use letters, digits and spaces.</source>
            <translation>이 이름은 쓸 수 없습니다. 글자와 숫자, 빈칸만 써 주세요.</translation>
        </message>
        <message>
            <source>Use letters and digits</source>
            <translation>글자와 숫자만 써 주세요</translation>
        </message>
        <message>
            <source>Thank you, {name}</source>
            <translation>{name} 님, 감사합니다</translation>
        </message>
        <message>
            <source>If I do not recognise you at your next visit, please ask a member of staff.</source>
            <translation>다음 방문 때 알아보지 못하면 직원에게 말씀해 주세요.</translation>
        </message>
        <message>
            <source>{date}. Staff tell you what is kept of you, and delete it whenever you ask.</source>
            <translation>{date}. 보관된 내용은 직원이 알려 드리며, 요청하시면 언제든 삭제합니다.</translation>
        </message>
        <message>
            <source>Where</source>
            <translation>위치</translation>
        </message>
        <message>
            <source>Plugged in: {name}</source>
            <translation>연결된 저장 장치: {name}</translation>
        </message>
        <message>
            <source>Folder of this kiosk</source>
            <translation>이 키오스크의 폴더</translation>
        </message>
        <message>
            <source>Folder above</source>
            <translation>상위 폴더</translation>
        </message>
        <message>
            <source>Folder {name}</source>
            <translation>폴더 {name}</translation>
        </message>
        <message>
            <source>Name of the file</source>
            <translation>파일 이름</translation>
        </message>
        <message>
            <source>Take these files</source>
            <translation>이 파일들 가져오기</translation>
        </message>
        <message>
            <source>Take this file</source>
            <translation>이 파일 가져오기</translation>
        </message>
        <message>
            <source>Take this whole folder</source>
            <translation>이 폴더 전체 가져오기</translation>
        </message>
        <message>
            <source>Replace it</source>
            <translation>바꾸기</translation>
        </message>
        <message>
            <source>A file of this name is there already.</source>
            <translation>같은 이름의 파일이 이미 있습니다.</translation>
        </message>
        <message>
            <source>A file cannot have this name.</source>
            <translation>파일 이름으로 쓸 수 없습니다.</translation>
        </message>
        <message>
            <source>There is nothing here.</source>
            <translation>여기에는 아무것도 없습니다.</translation>
        </message>
        <message>
            <source>There is nothing here. Plug in a USB stick, then look again.</source>
            <translation>여기에는 아무것도 없습니다. USB 저장 장치를 꽂고 다시 열어 보세요.</translation>
        </message>
        <message>
            <source>This folder cannot be read. It may have been unplugged.</source>
            <translation>이 폴더를 읽을 수 없습니다. 저장 장치가 빠졌을 수 있습니다.</translation>
        </message>
        <message>
            <source>Restart or shut down</source>
            <translation>다시 시작·끄기</translation>
        </message>
        <message>
            <source>Restart the kiosk</source>
            <translation>키오스크 다시 시작</translation>
        </message>
        <message>
            <source>Restart the machine</source>
            <translation>기기 다시 시작</translation>
        </message>
        <message>
            <source>Shut down the machine</source>
            <translation>기기 끄기</translation>
        </message>
        <message>
            <source>Restart the kiosk?</source>
            <translation>키오스크를 다시 시작할까요?</translation>
        </message>
        <message>
            <source>Restart the machine?</source>
            <translation>기기를 다시 시작할까요?</translation>
        </message>
        <message>
            <source>Shut down the machine?</source>
            <translation>기기를 끌까요?</translation>
        </message>
        <message>
            <source>For some seconds nobody is recognised.</source>
            <translation>몇 초 동안 아무도 확인하지 못합니다.</translation>
        </message>
        <message>
            <source>For some minutes nobody is recognised.</source>
            <translation>몇 분 동안 아무도 확인하지 못합니다.</translation>
        </message>
        <message>
            <source>Nobody is recognised until somebody switches the machine on.</source>
            <translation>누군가 기기를 켤 때까지 아무도 확인하지 못합니다.</translation>
        </message>
        <message>
            <source>The machine does not let this account restart it or shut it down.</source>
            <translation>이 계정은 기기를 다시 시작하거나 끌 수 없게 되어 있습니다.</translation>
        </message>
        <message>
            <source>This machine has no service for it (systemd-logind).</source>
            <translation>이 기기에는 이 요청을 받을 서비스(systemd-logind)가 없습니다.</translation>
        </message>
        <message>
            <source>Log out</source>
            <translation>로그아웃</translation>
        </message>
        <message>
            <source>Are you still working?</source>
            <translation>아직 작업 중이신가요?</translation>
        </message>
        <message>
            <source>These pages lock in {seconds} s.</source>
            <translation>{seconds}초 뒤에 직원 화면이 잠깁니다.</translation>
        </message>
        <message>
            <source>Your unsaved enrolment is kept: enter the passphrase to go on with it.</source>
            <translation>저장하지 않은 등록은 비밀번호를 다시 입력하면 이어집니다.</translation>
        </message>
        <message>
            <source>Keep working</source>
            <translation>계속 작업하기</translation>
        </message>
        <message>
            <source>Thank you. Please hand the kiosk back to a member of staff.</source>
            <translation>감사합니다. 키오스크를 직원에게 돌려주세요.</translation>
        </message>
        <message>
            <source>To check</source>
            <translation>확인할 사람</translation>
        </message>
        <message>
            <source>Nobody left to check.</source>
            <translation>확인할 사람이 더 없습니다.</translation>
        </message>
        <message>
            <source>Back to the list</source>
            <translation>목록으로</translation>
        </message>
        <message>
            <source>Choose the other name. {name} is kept, the other name goes.</source>
            <translation>다른 이름을 고르세요. {name} 님의 이름은 남고 다른 이름은 사라집니다.</translation>
        </message>
        <message>
            <source>Nobody of this name.</source>
            <translation>그런 이름의 사람이 없습니다.</translation>
        </message>
        <message>
            <source>Choose</source>
            <translation>선택</translation>
        </message>
        <message>
            <source>A visitor called staff at {time}.</source>
            <translation>{time}에 방문자가 직원을 호출했습니다.</translation>
        </message>
        <message>
            <source>I have seen to it</source>
            <translation>확인했습니다</translation>
        </message>
        <message>
            <source>One moment, I am getting ready</source>
            <translation>잠시만요, 준비하고 있습니다</translation>
        </message>
        <message>
            <source>I was started just now. As soon as I can see you, I go on.</source>
            <translation>방금 켜졌습니다. 볼 수 있게 되면 바로 이어집니다.</translation>
        </message>
        <message>
            <source>A recording is read: {at} of {length}</source>
            <translation>녹화를 읽는 중: {length} 중 {at}</translation>
        </message>
        <message>
            <source>A recording is read: {at} so far, its length is not known</source>
            <translation>녹화를 읽는 중: 지금까지 {at}, 전체 길이는 알 수 없음</translation>
        </message>
        <message>
            <source>Recording: {at} of {length}</source>
            <translation>녹화 {at} / {length}</translation>
        </message>
        <message>
            <source>Recording: {at} so far</source>
            <translation>녹화 {at}</translation>
        </message>
        <message>
            <source>Call staff</source>
            <translation>직원 호출</translation>
        </message>
        <message>
            <source>Staff</source>
            <translation>직원</translation>
        </message>
        <message>
            <source>Call again</source>
            <translation>다시 호출</translation>
        </message>
        <message>
            <source>Staff were called at {time}. Please wait here.</source>
            <translation>{time}에 직원을 호출했습니다. 여기서 기다려 주세요.</translation>
        </message>
        <message>
            <source>Staff called: {time}</source>
            <translation>직원 호출 {time}</translation>
        </message>
        <message>
            <source>Staff were called</source>
            <translation>직원을 호출했습니다</translation>
        </message>
        <message>
            <source>Staff were called at {time}. The call is shown here and to staff.</source>
            <translation>{time}에 직원을 호출했습니다. 이 화면과 직원 화면에 표시됩니다.</translation>
        </message>
        <message>
            <source>Called {time}</source>
            <translation>{time} 호출</translation>
        </message>
        <message>
            <source>The call of {time} is not passed on yet; I keep trying.</source>
            <translation>{time} 호출이 아직 전달되지 않아 계속 시도하고 있습니다.</translation>
        </message>
        <message>
            <source>Not passed on yet</source>
            <translation>아직 전달되지 않음</translation>
        </message>
        <message>
            <source>Take the call back</source>
            <translation>호출 취소</translation>
        </message>
        <message>
            <source>Take back</source>
            <translation>취소</translation>
        </message>
        <message>
            <source>The machine cannot be restarted or shut down from here.</source>
            <translation>여기서는 기기를 다시 시작하거나 끌 수 없습니다.</translation>
        </message>
        <message>
            <source>Use its own switch, or ask whoever looks after it.</source>
            <translation>기기의 전원 버튼을 쓰거나 관리자에게 문의하세요.</translation>
        </message>
        <message>
            <source>Choose the person, or say that it was nobody enrolled. What was kept of the visit no longer counts for the person named.</source>
            <translation>누구였는지 고르거나 등록된 사람이 아니었다고 알려 주세요. 보관된 방문 자료는 더 이상 그 이름의 증거로 쓰이지 않습니다.</translation>
        </message>
        <message>
            <source>Nobody enrolled</source>
            <translation>등록되지 않은 사람</translation>
        </message>
        <message>
            <source>Visitors recognised and not</source>
            <translation>알아본 방문과 알아보지 못한 방문</translation>
        </message>
        <message>
            <source>They came at: {times}.</source>
            <translation>방문 시각: {times}.</translation>
        </message>
        <message>
            <source>{count} visits on {days} days.</source>
            <translation>{days}일 동안 {count}건.</translation>
        </message>
        <message>
            <source>Most between {first} and {last} h: {count}.</source>
            <translation>가장 많은 때는 {first}–{last}시, {count}건.</translation>
        </message>
        <message>
            <source>Recognised with: {scores}.</source>
            <translation>알아본 방문의 근거: {scores}.</translation>
        </message>
        <message>
            <source>Not recognised with: {scores}.</source>
            <translation>알아보지 못한 방문의 근거: {scores}.</translation>
        </message>
        <message>
            <source>{near} of {known} recognised visits were within {spare} of what is needed.</source>
            <translation>알아본 {known}건 가운데 {near}건은 필요한 근거를 {spare}도 넘기지 못했습니다.</translation>
        </message>
        <message>
            <source>{unknown} of {usable} were not recognised.</source>
            <translation>{usable}건 가운데 {unknown}건을 알아보지 못했습니다.</translation>
        </message>
        <message>
            <source>These are too few for a share.</source>
            <translation>비율을 말하기에는 너무 적습니다.</translation>
        </message>
        <message>
            <source>That is {share} % (between {low} and {high}).</source>
            <translation>비율은 {share}%입니다({low}–{high}).</translation>
        </message>
        <message>
            <source>One bar is {days} days.</source>
            <translation>막대 하나는 {days}일입니다.</translation>
        </message>
        <message>
            <source>The server of the fleet cannot do what was asked.</source>
            <translation>키오스크 그룹의 서버가 요청을 처리하지 못했습니다.</translation>
        </message>
        <message>
            <source>Ask whoever looks after the fleet; the code helps them.</source>
            <translation>그룹을 관리하는 사람에게 코드를 알려 주세요.</translation>
        </message>
        <message>
            <source>The server of the fleet does not answer; the kiosk goes on by itself.</source>
            <translation>키오스크 그룹의 서버가 응답하지 않습니다. 키오스크는 혼자서 계속합니다.</translation>
        </message>
        <message>
            <source>Check the network and the server.</source>
            <translation>네트워크와 서버를 확인하세요.</translation>
        </message>
        <message>
            <source>The fleet has put this kiosk out.</source>
            <translation>이 키오스크는 그룹에서 제외되었습니다.</translation>
        </message>
        <message>
            <source>Ask whoever looks after the fleet; the kiosk can join again.</source>
            <translation>그룹을 관리하는 사람에게 문의하세요. 다시 들어갈 수 있습니다.</translation>
        </message>
        <message>
            <source>Kiosks</source>
            <translation>키오스크</translation>
        </message>
        <message>
            <source>{name} (this one)</source>
            <translation>{name} (이 기기)</translation>
        </message>
        <message>
            <source>State</source>
            <translation>상태</translation>
        </message>
        <message>
            <source>Sites</source>
            <translation>지점</translation>
        </message>
        <message>
            <source>Last contact</source>
            <translation>마지막 연결</translation>
        </message>
        <message>
            <source>To get</source>
            <translation>받을 변경</translation>
        </message>
        <message>
            <source>To send</source>
            <translation>보낼 변경</translation>
        </message>
        <message>
            <source>To delete</source>
            <translation>삭제 미확인</translation>
        </message>
        <message>
            <source>In order</source>
            <translation>정상</translation>
        </message>
        <message>
            <source>Look at it</source>
            <translation>점검 필요</translation>
        </message>
        <message>
            <source>Act now</source>
            <translation>조치 필요</translation>
        </message>
        <message>
            <source>Taken out</source>
            <translation>제외됨</translation>
        </message>
        <message>
            <source>never</source>
            <translation>없음</translation>
        </message>
        <message>
            <source>{count} s ago</source>
            <translation>{count}초 전</translation>
        </message>
        <message>
            <source>{count} min ago</source>
            <translation>{count}분 전</translation>
        </message>
        <message>
            <source>{count} h ago</source>
            <translation>{count}시간 전</translation>
        </message>
        <message>
            <source>{count} days ago</source>
            <translation>{count}일 전</translation>
        </message>
        <message>
            <source>Choose a kiosk in the table.</source>
            <translation>표에서 키오스크를 선택하세요.</translation>
        </message>
        <message>
            <source>Sites: {sites}</source>
            <translation>지점: {sites}</translation>
        </message>
        <message>
            <source>Last contact: {when}</source>
            <translation>마지막 연결: {when}</translation>
        </message>
        <message>
            <source>People on it: {count}</source>
            <translation>등록 인원: {count}명</translation>
        </message>
        <message>
            <source>Program {program}, ring {ring}</source>
            <translation>프로그램 {program}, 배포 단계 {ring}</translation>
        </message>
        <message>
            <source>Nothing is missing on it.</source>
            <translation>빠진 것이 없습니다.</translation>
        </message>
        <message>
            <source>It was invited and has not joined yet.</source>
            <translation>초대했지만 아직 참여하지 않았습니다.</translation>
        </message>
        <message>
            <source>It has not been heard of for a while: check its power and its line.</source>
            <translation>한동안 연락이 없습니다. 전원과 통신 연결을 확인하세요.</translation>
        </message>
        <message>
            <source>It says of itself that it is out of order: see Health on it.</source>
            <translation>스스로 작동하지 않는다고 알립니다. 그 키오스크의 상태 화면을 확인하세요.</translation>
        </message>
        <message>
            <source>It works, and asks to be seen to: see Health on it.</source>
            <translation>작동하지만 점검이 필요하다고 알립니다. 그 키오스크의 상태 화면을 확인하세요.</translation>
        </message>
        <message>
            <source>Changes that have not reached it yet: {behind}</source>
            <translation>아직 받지 못한 변경: {behind}건</translation>
        </message>
        <message>
            <source>Changes made on it that the others do not have yet: {waiting}, since {oldest}</source>
            <translation>다른 키오스크에 아직 보내지 못한 변경: {waiting}건, {oldest}부터</translation>
        </message>
        <message>
            <source>Deletions and withdrawn consents that it has not confirmed: {unconfirmed}, since {since}</source>
            <translation>확인하지 않은 삭제와 동의 철회: {unconfirmed}건, {since}부터</translation>
        </message>
        <message>
            <source>Its clock is {minutes} minutes off: set it.</source>
            <translation>시계가 {minutes}분 어긋났습니다. 시간을 맞추세요.</translation>
        </message>
        <message>
            <source>Put out on {revoked}. It has not said yet that it destroyed its key: until then only that key guards the people on its disk.</source>
            <translation>{revoked}에 제외했습니다. 키를 폐기했다는 확인이 아직 없어, 그때까지 디스크의 인물 정보는 그 키로만 보호됩니다.</translation>
        </message>
        <message>
            <source>Put out on {revoked}. On {destroyed} it destroyed its key and its people.</source>
            <translation>{revoked}에 제외했습니다. {destroyed}에 키와 인물 정보를 폐기했습니다.</translation>
        </message>
        <message>
            <source>It left the fleet on {left} and kept its people.</source>
            <translation>{left}에 그룹에서 나갔으며 인물 정보는 그대로 가지고 있습니다.</translation>
        </message>
        <message>
            <source>Asking the server …</source>
            <translation>서버에 확인하는 중…</translation>
        </message>
        <message>
            <source>As of {when}</source>
            <translation>{when} 기준</translation>
        </message>
        <message>
            <source>No line to the server. What is shown is of {time}, {when}.</source>
            <translation>서버와 연결이 끊겼습니다. {time}({when})의 상태를 표시합니다.</translation>
        </message>
        <message>
            <source>No line to the server: nothing is known of the other kiosks yet.</source>
            <translation>서버와 연결이 끊겨 다른 키오스크의 상태를 아직 알 수 없습니다.</translation>
        </message>
        <message>
            <source>The server refuses this kiosk. What is shown is of {time}, {when}.</source>
            <translation>서버가 이 키오스크를 거부했습니다. {time}({when})의 상태를 표시합니다.</translation>
        </message>
        <message>
            <source>The server refuses this kiosk: nothing is known of the other kiosks.</source>
            <translation>서버가 이 키오스크를 거부하여 다른 키오스크의 상태를 알 수 없습니다.</translation>
        </message>
        <message>
            <source>This kiosk goes on with the people it has.</source>
            <translation>이 키오스크는 가지고 있는 인물 정보로 계속 동작합니다.</translation>
        </message>
        <message>
            <source>{site}: complete as of {time}</source>
            <translation>{site}: {time} 기준 최신</translation>
        </message>
        <message>
            <source>{site}: not complete yet</source>
            <translation>{site}: 아직 다 받지 못함</translation>
        </message>
        <message>
            <source>Changes waiting to be sent: {count}</source>
            <translation>보내지 못한 변경: {count}건</translation>
        </message>
        <message>
            <source>Kiosks: {all}. In order: {green}, to look at: {amber}, to act on: {red}.</source>
            <translation>키오스크 {all}대: 정상 {green}, 점검 필요 {amber}, 조치 필요 {red}.</translation>
        </message>
        <message>
            <source>Every deletion is confirmed by all of them.</source>
            <translation>모든 삭제를 전체 키오스크가 확인했습니다.</translation>
        </message>
        <message>
            <source>Deletions not confirmed by: {names}.</source>
            <translation>삭제를 확인하지 않은 키오스크: {names}.</translation>
        </message>
        <message>
            <source>Refresh</source>
            <translation>새로 고침</translation>
        </message>
        <message>
            <source>Put out</source>
            <translation>제외</translation>
        </message>
        <message>
            <source>Put {name} out for good?</source>
            <translation>키오스크 제외: {name}</translation>
        </message>
        <message>
            <source>For a stolen or lost kiosk. Lost with it: {waiting}, its visits and attendance. When it next asks the server it deletes everybody and destroys its key; until then only that key guards its disk. It comes back only by a new invitation.</source>
            <translation>도난이나 분실 시에 사용합니다. 함께 잃는 것: {waiting}, 방문 기록과 출석 기록. 다음에 서버에 연결되면 모든 인물 정보를 삭제하고 키를 폐기하며, 그때까지 디스크는 그 키로만 보호됩니다. 다시 쓰려면 새 초대가 필요합니다.</translation>
        </message>
        <message>
            <source>{count} changes that it had not sent when last heard of ({when})</source>
            <translation>보내지 못한 변경 {count}건({when} 기준)</translation>
        </message>
        <message>
            <source>changes that it has not sent ({when})</source>
            <translation>보내지 못한 변경({when})</translation>
        </message>
        <message>
            <source>last heard of {when}</source>
            <translation>마지막 연결 {when}</translation>
        </message>
        <message>
            <source>never heard of</source>
            <translation>연결된 적 없음</translation>
        </message>
        <message>
            <source>Owner at the server</source>
            <translation>서버 소유자 역할</translation>
        </message>
        <message>
            <source>Its password (kept nowhere)</source>
            <translation>소유자 비밀번호(저장 안 함)</translation>
        </message>
        <message>
            <source>Sealing the gallery with the new key …</source>
            <translation>새 키로 다시 암호화하는 중…</translation>
        </message>
        <message>
            <source>{name} is out</source>
            <translation>제외 완료: {name}</translation>
        </message>
        <message>
            <source>Sealed anew: {count}. The other kiosks take the new key by themselves.</source>
            <translation>다시 암호화한 항목: {count}개. 나머지 키오스크는 새 키를 자동으로 받습니다.</translation>
        </message>
    </context>
</TS>
